import type { DuckDBConnection } from "@duckdb/node-api";
import { dataFault } from "./data-fault.js";

/** A column of a Parquet file, with DuckDB's name of its type. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: string;
}

/** Rows of a query, chunk by chunk, in file order. */
export interface ParquetChunk {
  readonly rows: number;
  /** Null for NULL. */
  value(column: number, row: number): unknown;
}

export interface ParquetFile {
  readonly columns: readonly ParquetColumn[];
  /** `expressions` are SQL over the file's columns; `where` may narrow the rows. */
  select(expressions: readonly string[]): AsyncGenerator<ParquetChunk>;
  /** The only row of an aggregate query. */
  aggregate(expressions: readonly string[]): Promise<readonly unknown[]>;
}

export const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

/** Text as SQL writes it. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** DuckDB reads `[`, `*` and `?` in a path as patterns; in brackets they stand for themselves. */
const literalPath = (path: string): string => literal(path.replace(/[[*?]/g, "[$&]"));

/**
 * Opens a Parquet file with DuckDB.
 * @throws RuntimeFault KDP7009 when the file is truncated or corrupt.
 */
export const withParquet = <T>(path: string, body: (file: ParquetFile) => Promise<T>): Promise<T> =>
  withDuckDB(async (connection) => body(await describe(connection, path)));

/** A database in memory, gone afterwards. DuckDB is loaded only here: a run without Parquet does not pay for it. */
export async function withDuckDB<T>(body: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  // Extensions would be fetched from the network at run time; Parquet needs none.
  const instance = await DuckDBInstance.create(":memory:", { autoinstall_known_extensions: "false" });
  try {
    const connection = await instance.connect();
    try {
      return await body(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

async function describe(connection: DuckDBConnection, path: string): Promise<ParquetFile> {
  const from = `FROM read_parquet(${literalPath(path)})`;
  const guarded = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: Error) => {
      throw parquetFault(path, cause);
    });
  const described = await guarded(connection.runAndReadAll(`DESCRIBE SELECT * ${from}`));
  const columns = described
    .getRowObjects()
    .map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  return {
    columns,
    async *select(expressions) {
      const result = await guarded(connection.stream(`SELECT ${expressions.join(", ")} ${from}`));
      for (;;) {
        const chunk = await guarded(result.fetchChunk());
        if (!chunk || chunk.rowCount === 0) return;
        const vectors = expressions.map((_, i) => chunk.getColumnVector(i));
        yield { rows: chunk.rowCount, value: (column, row) => vectors[column]?.getItem(row) ?? null };
      }
    },
    async aggregate(expressions) {
      const reader = await guarded(connection.runAndReadAll(`SELECT ${expressions.join(", ")} ${from}`));
      return reader.getRows()[0] ?? [];
    },
  };
}

function parquetFault(path: string, cause: Error) {
  const [reason = ""] = cause.message.split("\n");
  return dataFault("KDP7009", `the Parquet file cannot be read: ${reason}`, {
    place: path,
    fix: "write or copy the file again; it may be truncated",
    cause,
  });
}
