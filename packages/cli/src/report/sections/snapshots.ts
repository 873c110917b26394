import { formatMetric, plural } from "../../text/format.js";
import { snapshotChartId } from "../charts/snapshot-charts.js";
import type { ChartSpec, Drawings } from "../charts/spec.js";
import { html, type SafeHtml } from "../html.js";
import type { ReportView } from "../view/report-view.js";
import type { SnapshotCurve, SnapshotMetric, SnapshotProtocol } from "../view/snapshots.js";
import type { Summary } from "../view/statistics.js";
import { figure, legend } from "./figure.js";
import { namedTable, type Section, swatch } from "./section.js";

/** Held-out metrics by epoch, of the snapshots that were kept. */
export function snapshotsSection(view: ReportView, charts: readonly ChartSpec[], drawings: Drawings): Section | null {
  if (view.snapshots.length === 0) return null;
  return {
    id: "snapshots",
    title: "Snapshots by epoch",
    body: html`<p class="lead">${leadOf(view.snapshots)}</p><p class="lead"><strong>Not for choosing an epoch by test:</strong> a figure that was picked there no longer tells what to expect of new events. Valid is for choosing, and <code>early_stop</code> does it.</p>${view.snapshots.map(
      (protocol, at) => protocolPart(view, protocol, at, charts, drawings),
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
    curves.every(({ mean }) => mean !== null)
      ? ""
      : "Where early_stop kept other epochs of each seed, every seed has a line, and there is no mean.",
  ];
  return lines.filter((line) => line !== "").join(" ");
}

function protocolPart(
  view: ReportView,
  protocol: SnapshotProtocol,
  at: number,
  charts: readonly ChartSpec[],
  drawings: Drawings,
): SafeHtml {
  const { split, candidates, metrics, exact } = protocol;
  const measured = view.series.filter((series) =>
    metrics.some(({ curves }) => curves.some((curve) => curve.series === series)),
  );
  const own = metrics.flatMap((_, index) => charts.find(({ id }) => id === snapshotChartId(at, index)) ?? []);
  return html`<h3>On ${split}, ranking ${candidates}</h3>${!exact && html`<p class="lead">Lines may end beside the values under Results: a snapshot is measured by the list of items that was kept of it, the model there by all its scores, or by the epoch that <code>keep_best</code> kept for the metric.</p>`}${legend(measured)}<div class="halves">${own.map(
    (chart) => figure(chart, drawings, html`<strong>${chart.title}</strong>`),
  )}</div><details class="tests"><summary>The same in figures</summary>${metrics.map((metric, index) =>
    valuesTable(metric, `${snapshotChartId(at, index)}-values`),
  )}</details>`;
}

/** The chart for those who cannot see it, or want its figures. */
function valuesTable({ metric, curves }: SnapshotMetric, id: string): SafeHtml {
  const columns = curves.flatMap(columnsOf);
  const epochs = [...new Set(columns.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
  const seeds = Math.max(...columns.flatMap(({ values }) => [...values.values()].map(({ n }) => n)));
  const spread = seeds > 1 ? `, mean ± standard deviation over ${plural(seeds, "seed")}` : "";
  return namedTable(
    id,
    `${metric} by epoch${spread}; the last of each model in bold.`,
    html`<table class="scores" aria-labelledby="${id}"><thead><tr><th scope="col" class="num">epoch</th>${columns.map(
      ({ label, color }) => html`<th scope="col" class="num">${swatch(color)}<span class="id">${label}</span></th>`,
    )}</tr></thead><tbody>${epochs.map(
      (epoch) =>
        html`<tr><th scope="row" class="num">${epoch}</th>${columns.map((column) => valueCell(column, epoch))}</tr>
`,
    )}</tbody></table>`,
  );
}

interface Column {
  readonly label: string;
  readonly color: string;
  readonly values: ReadonlyMap<number, Summary>;
}

/** A model, or each of its seeds where they have no epochs in common. */
function columnsOf({ series: { label, color }, seeds, mean }: SnapshotCurve): readonly Column[] {
  if (mean) return [{ label, color, values: new Map(mean.map(({ epoch, summary }) => [epoch, summary])) }];
  return seeds.map(({ node, values }) => ({
    label: node,
    color,
    values: new Map([...values].map(([epoch, value]) => [epoch, { n: 1, mean: value, sd: null }])),
  }));
}

function valueCell({ values }: Column, epoch: number): SafeHtml {
  const summary = values.get(epoch);
  if (!summary) return html`<td class="num">–</td>`;
  const last = Math.max(...values.keys()) === epoch;
  return html`<td class="num${last && " best"}">${formatMetric(summary.mean)}${summary.sd !== null && html`<span class="sd"> ± ${formatMetric(summary.sd)}</span>`}</td>`;
}
