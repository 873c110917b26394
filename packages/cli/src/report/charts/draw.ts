import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { dotOptions } from "./dot-plot.js";
import { gainOptions } from "./gain-plot.js";
import { lineOptions } from "./line-plot.js";
import { scatterOptions } from "./scatter-plot.js";
import { type ChartSpec, type Drawings, drawingKey } from "./spec.js";

/**
 * Draws charts with Observable Plot on a document without a browser. Colours stay CSS variables, so that one drawing
 * serves the light and the dark scheme. Loading Plot costs half a second: import this module only when needed.
 */
export function drawCharts(specs: readonly ChartSpec[]): Drawings {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const drawings = new Map<string, string>();
  for (const spec of specs) {
    for (const width of spec.widths) drawings.set(drawingKey(spec.id, width), draw(spec, width, document));
  }
  return drawings;
}

/** Named through Plot: the compiler knows no browser types here, and nothing else may use them. */
type PlotDocument = NonNullable<Plot.PlotOptions["document"]>;

function draw(spec: ChartSpec, width: number, document: PlotDocument): string {
  const options = optionsOf(spec, width);
  const svg = Plot.plot({ ...options, document, width, height: spec.height, className: "plot" });
  svg.setAttribute("role", "img");
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = spec.title;
  const desc = document.createElementNS("http://www.w3.org/2000/svg", "desc");
  desc.textContent = spec.description;
  const ids = [`${spec.id}-${width}-title`, `${spec.id}-${width}-desc`] as const;
  title.setAttribute("id", ids[0]);
  desc.setAttribute("id", ids[1]);
  svg.setAttribute("aria-labelledby", ids.join(" "));
  svg.prepend(title, desc);
  return svg.outerHTML;
}

function optionsOf(spec: ChartSpec, width: number): Plot.PlotOptions {
  switch (spec.kind) {
    case "lines":
      return lineOptions(spec, width);
    case "dots":
      return dotOptions(spec, width);
    case "scatter":
      return scatterOptions(spec, width);
    case "gains":
      return gainOptions(spec, width);
  }
}
