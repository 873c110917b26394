import type { FileTables } from "@kdp/plugin-api";
import { DataType, Table, type Vector } from "apache-arrow";
import { readArrowFile } from "../arrow-file.js";
import { type RawColumn, scalarOf, sortColumns } from "./list-columns.js";

/** All columns of an Arrow IPC file or stream; columns of lists of fractions as matrices. */
export async function readArrowTables(path: string, format: "arrow-file" | "arrow-stream"): Promise<FileTables> {
  const { schema, batches } = await readArrowFile(path, format);
  const table = new Table(schema, [...batches]);
  const floating = schema.fields.filter(
    ({ type }) => isList(type) && DataType.isFloat(type.children[0]?.type as DataType),
  );
  const raw = schema.fields.map(({ name, type }) => [name, columnOf(table.getChild(name), type)] as const);
  return sortColumns(path, Object.fromEntries(raw), new Set(floating.map(({ name }) => name)));
}

const isList = (type: DataType): boolean =>
  DataType.isList(type) || DataType.isFixedSizeList(type) || DataType.isLargeList(type);

function columnOf(column: Vector | null, type: DataType): RawColumn {
  if (!column) return [];
  if (isList(type)) {
    return Array.from(column, (value) => (value === null ? null : Array.from(value as Iterable<unknown>, scalarOf)));
  }
  return Array.from(column, scalarOf);
}
