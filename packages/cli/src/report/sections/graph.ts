import type { ManifestNode } from "@kdp/runtime";
import { formatBytes, formatSeconds, plural } from "../../text/format.js";
import { html, type SafeHtml } from "../html.js";
import type { ReportView } from "../view/report-view.js";
import { type Section, scrollBox } from "./section.js";

/** The pipeline as a picture, and where the time went. */
export function graphSection(view: ReportView, picture: SafeHtml): Section {
  const { nodes } = view.manifest;
  const count = (status: string): number => nodes.filter((node) => node.status === status).length;
  const slowest = [...nodes].filter((node) => node.status === "ran").sort((a, b) => b.seconds - a.seconds)[0];
  return {
    id: "pipeline",
    title: "Pipeline",
    body: html`<p class="lead">${plural(nodes.length, "node")}: ${count("ran")} ran, ${count("hit")} taken from the cache${count("failed") > 0 && `, ${count("failed")} failed`}${count("skipped") > 0 && `, ${count("skipped")} skipped`}.${slowest && ` The longest, ${slowest.id}, took ${formatSeconds(slowest.seconds)}.`}${processorText(nodes)}${memoryText(nodes)}</p>
<ul class="legend"><li><span class="key ran">✓</span>ran</li><li><span class="key hit"></span>from the cache</li><li><span class="key failed">×</span>failed</li><li><span class="key skipped"></span>skipped</li><li><span class="line teach"></span>teaches</li><li><span class="line data"></span>data</li><li><span class="line held-out"></span>held-out events</li></ul>
<div class="bleed">${scrollBox("Picture of the pipeline", picture)}</div>`,
  };
}

/** What everything in the picture cost, whenever it was computed. */
function processorText(nodes: readonly ManifestNode[]): string {
  const known = nodes.flatMap((node) => node.cpuSeconds ?? []);
  if (known.length === 0) return "";
  return ` All of it took ${formatSeconds(known.reduce((sum, seconds) => sum + seconds, 0))} of one processor.`;
}

/** The most memory that one of them took: what a machine must have to compute it again. */
function memoryText(nodes: readonly ManifestNode[]): string {
  const [largest] = [...nodes].sort((a, b) => (b.peakRssBytes ?? 0) - (a.peakRssBytes ?? 0));
  if (!largest?.peakRssBytes) return "";
  return ` The most memory, ${formatBytes(largest.peakRssBytes)}, was taken by ${largest.id}.`;
}
