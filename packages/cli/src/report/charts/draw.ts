import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { ChartLine, ChartSpec, DotChart, Drawings, LineChart, ScatterChart } from "./spec.js";
import { drawingKey } from "./spec.js";

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
  if (spec.kind === "lines") return lineOptions(spec, width);
  return spec.kind === "dots" ? dotOptions(spec, width) : scatterOptions(spec, width);
}

const grid = { stroke: "var(--grid)", strokeOpacity: 1 } as const;

const LINE_MARGIN = { marginTop: 28, marginBottom: 34 } as const;
const SCATTER_MARGIN = { marginTop: 30, marginBottom: 36 } as const;

interface Extent {
  readonly low: number;
  readonly high: number;
}

/** The range of some values with a little air, so that the place of every value in pixels is known beforehand. */
function extent(values: readonly number[]): Extent {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = 0.05 * (high - low) || 0.05 * Math.abs(high) || 1;
  return { low: low - air, high: high + air };
}

function lineOptions(spec: LineChart, width: number): Plot.PlotOptions {
  const range = extent(spec.lines.flatMap((line) => line.points.map(([, y]) => y)));
  const perUnit = (spec.height - LINE_MARGIN.marginTop - LINE_MARGIN.marginBottom) / (range.high - range.low);
  const ends = spec.endLabels ? labelsAtEnds(spec, perUnit) : [];
  const longest = Math.max(0, ...ends.map((end) => end.label.length));
  return {
    ...LINE_MARGIN,
    marginLeft: 46,
    marginRight: spec.endLabels ? 14 + 6.2 * longest : 12,
    x: { label: spec.xLabel, ticks: Math.max(3, Math.round(width / 90)), tickSize: 4 },
    y: {
      label: spec.yLabel,
      ticks: Math.max(3, Math.round(spec.height / 55)),
      tickSize: 0,
      domain: [range.low, range.high],
    },
    marks: [
      Plot.gridY({ ...grid, ticks: Math.max(3, Math.round(spec.height / 55)) }),
      // Lines are drawn one by one: a dash pattern or a width is constant within a mark.
      ...spec.lines.map((line) => Plot.line(line.points, lineStyle(line))),
      ...ends.map((end) =>
        Plot.text([end], { x: "x", y: "y", text: "label", textAnchor: "start", dx: 6, dy: end.shift, fill: end.color }),
      ),
    ],
  };
}

function lineStyle(line: ChartLine): Plot.LineOptions {
  return {
    x: (point: readonly [number, number]) => point[0],
    y: (point: readonly [number, number]) => point[1],
    stroke: line.color,
    strokeWidth: line.strong ? 2 : 1,
    strokeOpacity: line.strong ? 1 : 0.35,
    ...(line.dash === undefined ? {} : { strokeDasharray: line.dash }),
  };
}

const LABEL_HEIGHT = 12;

/** Moves labels of one column apart, from the lowest up; gives each its shift in pixels (negative is up). */
function apartUpwards<T extends { readonly y: number }>(
  labels: readonly T[],
  perUnit: number,
): readonly (T & { readonly shift: number })[] {
  let ceiling = Number.POSITIVE_INFINITY;
  return [...labels]
    .sort((a, b) => a.y - b.y)
    .map((label) => {
      const natural = -label.y * perUnit;
      const placed = Math.min(natural, ceiling - LABEL_HEIGHT);
      ceiling = placed;
      return { ...label, shift: Math.round(placed - natural) };
    });
}

function labelsAtEnds(spec: LineChart, perUnit: number) {
  const ends = spec.lines.flatMap((line) => {
    const end = line.points.at(-1);
    return end ? [{ x: end[0], y: end[1], label: line.label, color: line.color }] : [];
  });
  return apartUpwards(ends, perUnit);
}

function dotOptions(spec: DotChart, width: number): Plot.PlotOptions {
  const longest = Math.max(4, ...spec.rows.map((row) => row.label.length));
  const marginLeft = Math.min(Math.round(width * 0.42), 14 + Math.round(6.6 * longest));
  const fitting = Math.floor((marginLeft - 10) / 6.6);
  const shorten = (label: string): string =>
    label.length <= fitting ? label : `${label.slice(0, Math.max(1, fitting - 1))}…`;
  const dots = spec.rows.flatMap((row) => row.values.map((entry) => ({ ...entry, row: row.label, color: row.color })));
  return {
    marginLeft,
    marginRight: 16,
    marginTop: 22,
    marginBottom: 34,
    x: { label: spec.xLabel, ticks: Math.max(3, Math.round((width - marginLeft) / 90)), tickSize: 4, nice: true },
    y: {
      label: null,
      domain: spec.rows.map((row) => row.label),
      tickSize: 0,
      tickFormat: (label) => shorten(String(label)),
    },
    marks: [
      Plot.gridX(grid),
      ...(spec.reference
        ? [
            Plot.ruleX([spec.reference.value], { stroke: "var(--muted)", strokeDasharray: "3 3" }),
            Plot.text([spec.reference], {
              x: "value",
              text: "label",
              frameAnchor: "top",
              dy: -14,
              fill: "var(--muted)",
            }),
          ]
        : []),
      ...spec.rows.map((row) =>
        Plot.tickX([row], { x: "mean", y: "label", stroke: row.color, strokeWidth: 2.5, inset: 5 }),
      ),
      ...spec.rows.map((row) =>
        Plot.dot(
          dots.filter((dot) => dot.row === row.label),
          {
            x: "value",
            y: "row",
            r: 4,
            fill: row.color,
            fillOpacity: 0.55,
            stroke: row.color,
            title: (dot: { label: string }) => dot.label,
          },
        ),
      ),
    ],
  };
}

function scatterOptions(spec: ScatterChart, width: number): Plot.PlotOptions {
  const xs = spec.points.map((point) => point.x);
  const wide = Math.max(...xs) / Math.min(...xs) > 3;
  const range = extent(spec.points.flatMap((point) => [point.y - (point.sd ?? 0), point.y + (point.sd ?? 0)]));
  const perUnit = (spec.height - SCATTER_MARGIN.marginTop - SCATTER_MARGIN.marginBottom) / (range.high - range.low);
  const placed = besidePoints(spec, perUnit);
  return {
    ...SCATTER_MARGIN,
    marginLeft: 48,
    marginRight: 20,
    x: {
      label: spec.xLabel,
      type: wide ? "log" : "linear",
      inset: 18,
      ticks: apart(xs, wide ? Math.log : Number, width),
      tickFormat: compact,
      tickSize: 4,
    },
    y: { label: spec.yLabel, ticks: 5, tickSize: 0, domain: [range.low, range.high] },
    marks: [
      Plot.gridY({ ...grid, ticks: 5 }),
      ...spec.points
        .filter((point) => point.sd !== null)
        .map((point) =>
          Plot.ruleX([point], {
            x: "x",
            y1: point.y - (point.sd ?? 0),
            y2: point.y + (point.sd ?? 0),
            stroke: point.color,
            strokeWidth: 1.5,
          }),
        ),
      ...spec.points.map((point) =>
        Plot.dot([point], { x: "x", y: "y", r: 5, fill: point.color, stroke: "var(--surface)", title: "label" }),
      ),
      ...placed.map((point) =>
        Plot.text([point], {
          x: "x",
          y: "y",
          text: "label",
          fill: point.color,
          textAnchor: point.anchor,
          dx: point.anchor === "start" ? 9 : -9,
          dy: point.shift,
        }),
      ),
    ],
  };
}

/** The costs that occur, as ticks: a reader wants these and not round numbers. Those too near another are left out. */
function apart(values: readonly number[], scale: (value: number) => number, width: number): number[] {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const range = scale(sorted.at(-1) ?? 1) - scale(sorted[0] ?? 0) || 1;
  const kept: number[] = [];
  for (const value of sorted) {
    const last = kept.at(-1);
    if (last === undefined || ((scale(value) - scale(last)) / range) * (width - 96) > 44) kept.push(value);
  }
  return kept;
}

/** Three significant digits at most: `65.6k`, `0.042`. */
function compact(value: number): string {
  if (value >= 999_500) return `${Number((value / 1e6).toPrecision(3))}M`;
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(Number(value.toPrecision(2)));
}

/** Labels right of a point, left of it in the right half; apart where points of one cost crowd. */
function besidePoints(spec: ScatterChart, perUnit: number) {
  const xs = spec.points.map((point) => point.x);
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const columns = new Map<string, (ScatterChart["points"][number] & { readonly anchor: "start" | "end" })[]>();
  for (const point of spec.points) {
    const anchor = high > low && point.x > Math.sqrt(low * high) ? "end" : "start";
    const column = `${anchor}${Math.round(20 * Math.log(point.x / low))}`;
    columns.set(column, [...(columns.get(column) ?? []), { ...point, anchor }]);
  }
  return [...columns.values()].flatMap((column) => apartUpwards(column, perUnit));
}
