import { readFileSync, rmSync } from "node:fs";
import type { DuckDBType, DuckDBValue } from "@duckdb/node-api";
import type { ExportColumn } from "@kdp/plugin-api";
import { literal, quoted, withDuckDB } from "../data/duckdb.js";
import { columnLengths } from "./column-lengths.js";

type Library = typeof import("@duckdb/node-api");

/** Rows that DuckDB takes at once. */
const CHUNK = 2048;

/**
 * Bytes of a Parquet file with these columns; a matrix becomes a column of lists of floats. `metadata` is kept as key-value
 * metadata of the file.
 * @param scratch path of a file that may be written and is removed again: DuckDB writes to files alone
 * @throws Error when the columns differ in length
 */
export async function encodeParquet(
  columns: Readonly<Record<string, ExportColumn>>,
  metadata: Readonly<Record<string, string>>,
  scratch: string,
): Promise<Uint8Array> {
  const rows = columnLengths(columns);
  const library = await import("@duckdb/node-api");
  const entries = Object.entries(columns).map(([name, column]) => ({ name, ...parquetColumn(column, library) }));
  try {
    await withDuckDB(async (connection) => {
      const fields = entries.map(({ name, sql }) => `${quoted(name)} ${sql}`);
      await connection.run(`CREATE TABLE exported (${fields.join(", ")})`);
      const appender = await connection.createAppender("exported");
      for (let from = 0; from < rows; from += CHUNK) {
        const to = Math.min(rows, from + CHUNK);
        const types = entries.map(({ type }) => type);
        const chunk = library.DuckDBDataChunk.create(types, to - from);
        for (const [index, { values }] of entries.entries()) chunk.setColumnValues(index, values(from, to));
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
      const kept = Object.entries(metadata).map(([key, value]) => `${quoted(key)}: ${literal(value)}`);
      const options = ["FORMAT parquet", ...(kept.length > 0 ? [`KV_METADATA {${kept.join(", ")}}`] : [])];
      await connection.run(`COPY exported TO ${literal(scratch)} (${options.join(", ")})`);
    });
    return readFileSync(scratch);
  } finally {
    rmSync(scratch, { force: true });
  }
}

interface ParquetColumn {
  readonly sql: string;
  readonly type: DuckDBType;
  values(from: number, to: number): DuckDBValue[];
}

function parquetColumn(column: ExportColumn, library: Library): ParquetColumn {
  const { FLOAT, INTEGER, LIST, VARCHAR, listValue } = library;
  if (column instanceof Int32Array) {
    return { sql: "INTEGER", type: INTEGER, values: (from, to) => Array.from(column.subarray(from, to)) };
  }
  if (!("cols" in column)) return { sql: "VARCHAR", type: VARCHAR, values: (from, to) => column.slice(from, to) };
  const { cols, values } = column;
  return {
    sql: "FLOAT[]",
    type: LIST(FLOAT),
    values: (from, to) =>
      Array.from({ length: to - from }, (_, row) =>
        listValue(Array.from(values.subarray((from + row) * cols, (from + row + 1) * cols))),
      ),
  };
}
