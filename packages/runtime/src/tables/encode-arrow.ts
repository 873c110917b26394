import type { ExportColumn } from "@kdp/plugin-api";
import { tableToIPC } from "apache-arrow";
import { columnLengths } from "./column-lengths.js";
import { int32Data, listData, tableOf, utf8DataOf } from "./columns.js";

/** Bytes of an Arrow IPC file with these columns. @throws Error when they differ in length */
export function encodeArrow(
  columns: Readonly<Record<string, ExportColumn>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  columnLengths(columns);
  const data = Object.entries(columns).map(([name, column]) => [name, dataOf(column)] as const);
  return tableToIPC(tableOf(Object.fromEntries(data), metadata), "file");
}

function dataOf(column: ExportColumn) {
  if (column instanceof Int32Array) return int32Data(column);
  return "values" in column && "cols" in column ? listData(column.values, column.cols) : utf8DataOf(column);
}
