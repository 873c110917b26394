import type { FileTables } from "@kdp/plugin-api";
import { withParquet } from "../duckdb.js";
import { type RawColumn, scalarOf, sortColumns } from "./list-columns.js";

const FLOATING = /\b(FLOAT|DOUBLE|DECIMAL)\b/;
const LIST = /\[\d*\]$/;

/** All columns of a Parquet file; columns of lists of fractions as matrices. */
export const readParquetTables = (path: string): Promise<FileTables> =>
  withParquet(path, async (file) => {
    const raw: Record<string, unknown[]> = {};
    for (const { name } of file.columns) raw[name] = [];
    const quotedNames = file.columns.map(({ name, type }) => expression(name, type));
    for await (const chunk of file.select(quotedNames)) {
      file.columns.forEach(({ name }, c) => {
        const column = raw[name] as unknown[];
        for (let row = 0; row < chunk.rows; row++) column.push(plain(chunk.value(c, row)));
      });
    }
    const floating = file.columns.filter(({ type }) => LIST.test(type) && FLOATING.test(type)).map(({ name }) => name);
    return sortColumns(path, raw as Record<string, RawColumn>, new Set(floating));
  });

/** Numbers of all widths as doubles or integers that JavaScript has. */
function expression(name: string, type: string): string {
  const column = `"${name.replaceAll('"', '""')}"`;
  if (LIST.test(type)) return FLOATING.test(type) ? `CAST(${column} AS DOUBLE[])` : column;
  if (FLOATING.test(type)) return `CAST(${column} AS DOUBLE)`;
  return /INT$|INTEGER$/.test(type) ? column : `CAST(${column} AS VARCHAR)`;
}

function plain(value: unknown): unknown {
  if (typeof value === "object" && value !== null && "items" in value && Array.isArray(value.items)) {
    return value.items.map(scalarOf);
  }
  return scalarOf(value);
}
