import type { FittedTables } from "@kdp/plugin-api";
import type { Table } from "apache-arrow";
import type { FieldSpec } from "./check-table.js";
import { listColumn, listData, tableOf } from "./columns.js";

/** A matrix `[rows, cols]`: one column `row: FixedSizeList<float32>[cols]`. */
export const FACTOR_FIELDS: readonly FieldSpec[] = [{ name: "row", type: "FixedSizeList<Float32>" }];

/** Name under which a fitted table (or its snapshot) stands in an artefact. */
export const factorTableName = (name: string): string => `table.${name}`;

/** The same table at the best epoch of the `k`-th metric of `keep_best`. */
export const keptTableName = (k: number, name: string): string => `kept.${k}.${name}`;

export type Matrix = FittedTables[string];

export const matrixToTable = (matrix: Matrix): Table => {
  if (matrix.values.length !== matrix.rows * matrix.cols) {
    throw new Error(`matrix ${matrix.rows} x ${matrix.cols} has ${matrix.values.length} values`);
  }
  return tableOf({ row: listData(matrix.values, matrix.cols) }, { rows: matrix.rows, cols: matrix.cols });
};

/** The values are a view of the table's memory. */
export function matrixFromTable(table: Table): Matrix {
  const { width, values } = listColumn(table, "row", Float32Array);
  return { rows: table.numRows, cols: width, values };
}
