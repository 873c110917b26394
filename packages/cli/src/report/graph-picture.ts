import { type GraphModel, graphModel } from "../graph/graph-model.js";
import { type SafeHtml, trusted } from "./html.js";
import { keptCopy } from "./kept-copy.js";
import type { ReportView } from "./view/report-view.js";

/** Raise it when the same graph should be drawn differently. */
const PICTURE_VERSION = 1;

/**
 * The pipeline as a picture, from a file when the same one was drawn before: laying it out takes a good part of a fully
 * cached run.
 * @param folder where copies are kept, or null to draw always
 */
export async function graphPicture(view: ReportView, folder: string | null): Promise<SafeHtml> {
  const model = graphModel(view.manifest.nodes);
  const title = `Pipeline ${view.manifest.pipeline}`;
  const colors = new Map(view.series.map((series) => [series.name, series.color]));
  return keptCopy<SafeHtml>(folder, [PICTURE_VERSION, title, [...colors], shownOf(model)], {
    accept: (value) => (typeof value === "string" ? trusted(value) : null),
    plain: ({ text }) => text,
    make: async () => {
      const [{ layoutGraph }, { graphSvg }] = await Promise.all([
        import("../graph/layout.js"),
        import("../graph/svg.js"),
      ]);
      return graphSvg(layoutGraph(model), { standalone: false, title, colors });
    },
  });
}

/** What the picture shows of a graph. */
function shownOf({ boxes, edges }: GraphModel): unknown {
  const shown = boxes.map(({ nodes, ...box }) => ({
    ...box,
    nodes: nodes.map(({ name, cell, status, seconds }) => ({ name, cell, status, seconds })),
  }));
  return [shown, edges];
}
