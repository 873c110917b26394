import type { RunManifest } from "@kdp/runtime";
import type { Locate } from "../text/origin.js";
import { chartSpecs } from "./charts/chart-specs.js";
import { cachedDrawings } from "./charts/drawing-cache.js";
import { graphPicture } from "./graph-picture.js";
import { reportPage } from "./page.js";
import { reportView } from "./view/report-view.js";

export interface ReportOptions {
  readonly locate: Locate;
  /** Folder for copies of drawings; null draws always. */
  readonly drawingCache: string | null;
}

/** The report of a run as one HTML document. */
export async function reportHtml(manifest: RunManifest, options: ReportOptions): Promise<string> {
  const view = reportView(manifest);
  const charts = chartSpecs(view);
  const [drawings, graph] = await Promise.all([
    cachedDrawings(charts, options.drawingCache),
    graphPicture(view, options.drawingCache),
  ]);
  return reportPage({ view, charts, drawings, graph, locate: options.locate });
}
