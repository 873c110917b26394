import type { Table } from "apache-arrow";
import type { FieldSpec } from "./check-table.js";
import {
  float64Column,
  float64Data,
  int32Column,
  int32Data,
  nullableInt32Data,
  tableOf,
  utf8Column,
  utf8DataOf,
} from "./columns.js";

export { METRICS_TABLE, metricKey, PER_USER_TABLE } from "./metric-names.js";

/** One value of one metric. */
export interface MetricRow {
  readonly metric: string;
  /** Null for metrics without a cut-off. */
  readonly cutoff: number | null;
  /** `all`, or the part of users or items it was measured on. */
  readonly group: string;
  readonly value: number;
  /** Training epoch of the snapshot, null for the fitted model. */
  readonly epoch: number | null;
}

export const METRIC_FIELDS: readonly FieldSpec[] = [
  { name: "metric", type: "Utf8" },
  { name: "cutoff", type: "Int32", nullable: true },
  { name: "group", type: "Utf8" },
  { name: "value", type: "Float64" },
  { name: "epoch", type: "Int32", optional: true, nullable: true },
];

/** The `epoch` column is there only when some row has one. */
export const metricsToTable = (rows: readonly MetricRow[]): Table =>
  tableOf({
    metric: utf8DataOf(rows.map((row) => row.metric)),
    cutoff: nullableInt32Data(Int32Array.from(rows, (row) => row.cutoff ?? -1)),
    group: utf8DataOf(rows.map((row) => row.group)),
    value: float64Data(Float64Array.from(rows, (row) => row.value)),
    ...(rows.some((row) => row.epoch !== null)
      ? { epoch: nullableInt32Data(Int32Array.from(rows, (row) => row.epoch ?? -1)) }
      : {}),
  });

export function metricsFromTable(table: Table): MetricRow[] {
  const metric = utf8Column(table, "metric");
  const group = utf8Column(table, "group");
  const value = float64Column(table, "value");
  const cutoff = table.getChild("cutoff");
  const epoch = table.getChild("epoch");
  return metric.map((name, row) => ({
    metric: name,
    cutoff: (cutoff?.get(row) as number | null | undefined) ?? null,
    group: group[row] as string,
    value: value[row] as number,
    epoch: (epoch?.get(row) as number | null | undefined) ?? null,
  }));
}

/**
 * Values of each evaluated user, for significance tests: `user: int32` and a column `float64` for each metric key; NaN
 * where a metric leaves the user out.
 */
export interface PerUserMetrics {
  readonly user: Int32Array;
  readonly values: Readonly<Record<string, Float64Array>>;
}

export const perUserToTable = (perUser: PerUserMetrics): Table =>
  tableOf({
    user: int32Data(perUser.user),
    ...Object.fromEntries(Object.entries(perUser.values).map(([key, values]) => [key, float64Data(values)])),
  });

export const perUserFromTable = (table: Table): PerUserMetrics => ({
  user: int32Column(table, "user"),
  values: Object.fromEntries(
    table.schema.names
      .map(String)
      .filter((name) => name !== "user")
      .map((name) => [name, float64Column(table, name)]),
  ),
});
