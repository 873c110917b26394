import { formatMetric, plural } from "../../text/format.js";
import { snapshotChartId } from "../charts/snapshot-charts.js";
import type { ChartSpec, Drawings } from "../charts/spec.js";
import { html, type SafeHtml } from "../html.js";
import type { ReportView } from "../view/report-view.js";
import type { Series } from "../view/series.js";
import type { SnapshotMetric, SnapshotProtocol } from "../view/snapshots.js";
import { figure, legend } from "./figure.js";
import { namedTable, type Section, swatch } from "./section.js";

/** Held-out metrics by epoch, of the snapshots that were kept. */
export function snapshotsSection(view: ReportView, charts: readonly ChartSpec[], drawings: Drawings): Section | null {
  if (view.snapshots.length === 0) return null;
  return {
    id: "snapshots",
    title: "Snapshots by epoch",
    body: html`<p class="lead">${leadOf(view.snapshots)}</p><p class="lead"><strong>Not for choosing an epoch by test:</strong> a figure that was picked there no longer tells what to expect of new events. Valid is for choosing, and <code>early_stop</code> does it.</p>${view.snapshots.map(
      (protocol, at) => protocolPart(protocol, at, charts, drawings),
    )}`,
  };
}

function leadOf(protocols: readonly SnapshotProtocol[]): string {
  const curves = protocols.flatMap(({ metrics }) => metrics.flatMap((metric) => metric.curves));
  const splits = [...new Set(protocols.map(({ split }) => split))].join(" and ");
  const lines = [
    `Every snapshot that was kept of a training, measured on the held-out events of ${splits}. A dot is the last snapshot: the model itself.`,
    curves.some(({ seeds }) => seeds.length > 1)
      ? "A line is the mean of a model’s seeds, the band around it ± their standard deviation."
      : "One seed: no spread is known.",
    curves.every(({ even }) => even)
      ? ""
      : "Faint lines are single seeds: early_stop kept other epochs of each, so they have no mean.",
  ];
  return lines.filter((line) => line !== "").join(" ");
}

function protocolPart(
  protocol: SnapshotProtocol,
  at: number,
  charts: readonly ChartSpec[],
  drawings: Drawings,
): SafeHtml {
  const { split, candidates, metrics, exact } = protocol;
  const own = metrics.flatMap((_, index) => charts.find(({ id }) => id === snapshotChartId(at, index)) ?? []);
  return html`<h3>On ${split}, ranking ${candidates}</h3>${!exact && html`<p class="lead">Lines may end beside the values under Results: a snapshot is measured by the list of items that was kept of it, the model there by all its scores, or by the epoch that <code>keep_best</code> kept for the metric.</p>`}${legend(modelsOf(protocol))}<div class="halves">${own.map(
    (chart) => figure(chart, drawings, html`<strong>${chart.title}</strong>`),
  )}</div><details class="tests"><summary>The same in figures</summary>${metrics.map((metric, index) =>
    valuesTable(metric, `${snapshotChartId(at, index)}-values`),
  )}</details>`;
}

/** In the order of the report, whichever metric they were measured by. */
function modelsOf({ metrics }: SnapshotProtocol): readonly Series[] {
  return [...new Set(metrics.flatMap(({ curves }) => curves.map(({ series }) => series)))];
}

/** The chart for those who cannot see it, or want its figures. */
function valuesTable({ metric, curves }: SnapshotMetric, id: string): SafeHtml {
  const epochs = [...new Set(curves.flatMap(({ points }) => points.map(({ epoch }) => epoch)))].sort((a, b) => a - b);
  const seeds = Math.max(...curves.map((curve) => curve.seeds.length));
  return namedTable(
    id,
    `${metric} by epoch${seeds > 1 ? `, mean ± standard deviation over ${plural(seeds, "seed")}` : ""}; the last of each model in bold.`,
    html`<table class="scores" aria-labelledby="${id}"><thead><tr><th scope="col" class="num">epoch</th>${curves.map(
      ({ series }) =>
        html`<th scope="col" class="num">${swatch(series.color)}<span class="id">${series.label}</span></th>`,
    )}</tr></thead><tbody>${epochs.map(
      (epoch) =>
        html`<tr><th scope="row" class="num">${epoch}</th>${curves.map(({ points }) => {
          const summary = points.find((point) => point.epoch === epoch)?.summary;
          if (!summary) return html`<td class="num">–</td>`;
          const last = points.at(-1)?.epoch === epoch;
          return html`<td class="num${last && " best"}">${formatMetric(summary.mean)}${summary.sd !== null && html`<span class="sd"> ± ${formatMetric(summary.sd)}</span>`}</td>`;
        })}</tr>
`,
    )}</tbody></table>`,
  );
}
