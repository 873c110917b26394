import type { FileTables } from "@kdp/plugin-api";
import { DataType, Precision, Table, type Vector } from "apache-arrow";
import { listColumn } from "../../tables/columns.js";
import { readArrowFile } from "../arrow-file.js";
import { type RawColumn, scalarOf, sortColumns } from "./list-columns.js";

/** All columns of an Arrow IPC file or stream; columns of lists of fractions as matrices. */
export async function readArrowTables(path: string, format: "arrow-file" | "arrow-stream"): Promise<FileTables> {
  const { schema, batches } = await readArrowFile(path, format);
  const table = new Table(schema, [...batches]);
  // Embeddings as kdp and others write them lie in memory as a matrix already.
  const dense = schema.fields.filter(({ name, type }) => isDense(table.getChild(name), type)).map(({ name }) => name);
  const matrices = dense.map((name) => {
    const { width, values } = listColumn(table, name, Float32Array);
    return [name, { rows: table.numRows, cols: width, values }] as const;
  });
  const fields = schema.fields.filter(({ name }) => !dense.includes(name));
  const floating = fields.filter(({ type }) => isList(type) && DataType.isFloat(type.children[0]?.type as DataType));
  const raw = fields.map(({ name, type }) => [name, columnOf(table.getChild(name), type)] as const);
  const sorted = sortColumns(path, Object.fromEntries(raw), new Set(floating.map(({ name }) => name)));
  return { ...sorted, matrices: { ...Object.fromEntries(matrices), ...sorted.matrices } };
}

function isDense(column: Vector | null, type: DataType): boolean {
  const child = DataType.isFixedSizeList(type) ? type.valueType : null;
  const nulls = column?.data.some((data) => data.nullCount > 0 || (data.children[0]?.nullCount ?? 0) > 0);
  return child !== null && DataType.isFloat(child) && child.precision === Precision.SINGLE && !nulls;
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
