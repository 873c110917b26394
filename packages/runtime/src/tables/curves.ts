import type { Table } from "apache-arrow";
import { float64Column, float64Data, int32Column, int32Data, tableOf, utf8Column, utf8DataOf } from "./columns.js";

export const CURVES_TABLE = "curves";

/** A point of a training curve: `loss/base`, `loss/rrd`, `valid/ndcg@10` … */
export interface CurvePoint {
  readonly epoch: number;
  readonly key: string;
  readonly value: number;
}

export const curvesToTable = (points: readonly CurvePoint[]): Table =>
  tableOf({
    epoch: int32Data(Int32Array.from(points, (point) => point.epoch)),
    key: utf8DataOf(points.map((point) => point.key)),
    value: float64Data(Float64Array.from(points, (point) => point.value)),
  });

export function curvesFromTable(table: Table): CurvePoint[] {
  const epoch = int32Column(table, "epoch");
  const value = float64Column(table, "value");
  return utf8Column(table, "key").map((key, row) => ({
    epoch: epoch[row] as number,
    key,
    value: value[row] as number,
  }));
}
