import { formatMetric } from "../../text/format.js";
import type { ReportView } from "../view/report-view.js";
import type { ScoreRow } from "../view/scores.js";
import { type DotChart, MEDIUM, NARROW, type ScatterChart, SMALL, WIDE } from "./spec.js";

/** Every seed of every model under the chief metric: the honest form of a bar chart with error bars. */
export function seedChart(view: ReportView): readonly DotChart[] {
  if (!view.chief) return [];
  const { table, metric } = view.chief;
  const rows = table.rows.flatMap((row) => {
    const cell = row.cells.get(metric);
    if (!cell) return [];
    const values = [...cell.values].map(([seed, value]) => ({
      value,
      label: `${row.series.label} ${seedText(seed)}: ${formatMetric(value)}`,
    }));
    return [{ label: row.series.label, color: row.series.color, mean: cell.summary.mean, values }];
  });
  const plain = table.rows.find((row) => row.deltas.has(metric))?.baseline;
  const reference = rows.find((row) => row.label === plain?.label);
  return [
    {
      kind: "dots",
      id: "seeds",
      title: `${metric} of every model and seed`,
      description: rows.map((row) => `${row.label} ${formatMetric(row.mean)}`).join(", "),
      widths: [WIDE, MEDIUM, NARROW],
      height: 62 + 28 * rows.length,
      xLabel: `${metric} on ${table.split}`,
      rows,
      reference: reference ? { value: reference.mean, label: `${reference.label}, mean` } : null,
    },
  ];
}

function seedText(cell: string): string {
  const entries = JSON.parse(cell) as readonly (readonly [string, unknown])[];
  return entries.map(([axis, value]) => `${axis} ${String(value)}`).join(", ");
}

/** Models of one shape take times that differ by so much or less from chance alone. */
const SAME_TIME = 1.25;

/** Quality against the number of parameters and, where it was measured, against the time of an answer. */
export function sizeCharts(view: ReportView): readonly ScatterChart[] {
  if (!view.chief) return [];
  const { table, metric } = view.chief;
  const chart = (
    id: string,
    what: string,
    xLabel: string,
    cost: (row: ScoreRow) => number | null,
    noise: number,
  ): readonly ScatterChart[] => {
    const points = table.rows.flatMap((row) => {
      const x = cost(row);
      const summary = row.cells.get(metric)?.summary;
      if (x === null || x <= 0 || !summary) return [];
      return [{ label: row.series.label, color: row.series.color, x, y: summary.mean, sd: summary.sd }];
    });
    const costs = points.map((point) => point.x);
    if (Math.max(...costs) <= noise * Math.min(...costs)) return [];
    return [
      {
        kind: "scatter",
        id,
        title: `${metric} against ${what}`,
        description: points.map((point) => `${point.label}: ${formatMetric(point.y)} at ${point.x}`).join("; "),
        widths: [SMALL],
        height: 260,
        xLabel,
        yLabel: metric,
        points,
      },
    ];
  };
  return [
    ...chart("size", "parameters", "parameters", (row) => view.costs.get(row.series)?.parameters ?? null, 1),
    ...chart(
      "latency",
      "time of an answer",
      "milliseconds an answer",
      (row) => view.costs.get(row.series)?.latencyMs ?? null,
      SAME_TIME,
    ),
  ];
}
