import { formatMetric } from "../../text/format.js";
import type { ReportView } from "../view/report-view.js";
import type { SnapshotCurve, SnapshotMetric, SnapshotProtocol } from "../view/snapshots.js";
import { dashed } from "./curve-charts.js";
import { type ChartLine, HALF, type LineChart, NARROW } from "./spec.js";

/** A held-out metric by epoch, all models together: one chart for each metric of each protocol. */
export const snapshotCharts = (view: ReportView): readonly LineChart[] =>
  view.snapshots.flatMap((protocol, at) =>
    protocol.metrics.map((metric, index) => snapshotChart(protocol, metric, snapshotChartId(at, index))),
  );

/** By the place of the protocol in the view, and of the metric in the protocol. */
export const snapshotChartId = (protocol: number, metric: number): string => `snapshots-${protocol}-${metric}`;

function snapshotChart(
  { split, candidates }: SnapshotProtocol,
  { metric, curves }: SnapshotMetric,
  id: string,
): LineChart {
  const place = candidates === "all items" ? split : `${split}, ${candidates}`;
  return {
    kind: "lines",
    id,
    title: `${metric} on ${place}, by epoch`,
    description: curves.map(endText).join("; "),
    widths: [HALF, NARROW],
    height: 300,
    xLabel: "epoch",
    yLabel: `${metric} on ${split}`,
    lines: curves.flatMap((curve) => dashed(linesOf(curve), curve.series.round)),
    ends: "values",
  };
}

/** The mean in its spread; seeds with snapshots of different epochs by themselves. */
function linesOf({ series: { label, color }, seeds, mean }: SnapshotCurve): readonly ChartLine[] {
  if (mean === null) return seeds.map(({ values }) => ({ label, color, points: [...values], strong: true }));
  const spread = mean.flatMap(({ epoch, summary }) =>
    summary.sd === null ? [] : [[epoch, summary.mean - summary.sd, summary.mean + summary.sd] as const],
  );
  return [
    {
      label,
      color,
      points: mean.map(({ epoch, summary }) => [epoch, summary.mean] as const),
      ...(spread.length === 0 ? {} : { spread }),
      strong: true,
    },
  ];
}

function endText({ series, seeds, mean }: SnapshotCurve): string {
  const ends = mean
    ? mean.slice(-1).map(({ epoch, summary }) => [epoch, summary.mean] as const)
    : seeds.flatMap(({ values }) => [...values].slice(-1));
  return `${series.label} ends at ${ends.map(([epoch, value]) => `${formatMetric(value)} after epoch ${epoch}`).join(", ")}`;
}
