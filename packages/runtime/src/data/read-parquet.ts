import { chooseColumns, columnsNote, namesOf, type SourceColumns } from "./columns.js";
import { dataFault } from "./data-fault.js";
import { type ParquetColumn, type ParquetFile, quoted, withParquet } from "./duckdb.js";
import type { IdSink, ReadOptions, ReadRows } from "./interaction-source.js";
import { finiteRating, IdWriter, presentTimestamp } from "./interaction-values.js";
import { RowBuffer } from "./row-buffer.js";

const INTEGER = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const FLOATING = /^(FLOAT|DOUBLE|DECIMAL\b.*)$/;
const MOMENT = /^(DATE|TIMESTAMP.*)$/;
const INT32_MAX = 2 ** 31 - 1;

const isNumericType = (type: string): boolean => INTEGER.test(type) || FLOATING.test(type);

/**
 * Reads interactions from Parquet, in file order.
 * @throws RuntimeFault KDP7002 no rows, KDP7004 one column, KDP7006–KDP7009.
 */
export const readParquet = (path: string, ids: IdSink, options: ReadOptions): Promise<ReadRows> =>
  withParquet(path, async (file) => {
    const source: SourceColumns = {
      file: path,
      count: file.columns.length,
      names: file.columns.map((column) => column.name),
      numeric: file.columns.map((column) => isNumericType(column.type)),
      temporal: file.columns.map((column) => isNumericType(column.type) || MOMENT.test(column.type)),
    };
    if (source.count < 2) {
      throw dataFault("KDP7004", "the table has one column; an interaction needs two, user and item", {
        place: path,
        fix: "write the table with a column of users and one of items",
      });
    }
    const columns = chooseColumns(source, options.columns);
    const column = (index: number) => file.columns[index] as ParquetColumn;
    const { rating, timestamp } = columns;
    const expressions = [
      await idExpression(file, column(columns.user)),
      await idExpression(file, column(columns.item)),
      rating === null ? "NULL" : numberExpression(path, column(rating)),
      timestamp === null ? "NULL" : momentExpression(path, column(timestamp)),
    ];
    const rows = new RowBuffer({ rating: rating !== null, timestamp: timestamp !== null });
    const users = new IdWriter(ids.users, path, "user");
    const items = new IdWriter(ids.items, path, "item");
    for await (const chunk of file.select(expressions)) {
      for (let i = 0; i < chunk.rows; i++) {
        const row = rows.length + 1;
        rows.add(
          users.row(chunk.value(0, i), row),
          items.row(chunk.value(1, i), row),
          rating === null ? 0 : finiteRating(chunk.value(2, i), path, row),
          timestamp === null ? 0n : presentTimestamp(chunk.value(3, i), path, row),
        );
      }
    }
    if (rows.length === 0)
      throw dataFault("KDP7002", "the table has no rows", { place: path, fix: "check how it was made" });
    return {
      rows,
      format: "parquet",
      notes: ["read as Parquet", `columns: ${columnsNote(source, columns)}`],
      detected: { columns: namesOf(source, columns), header: null, delimiter: null },
    };
  });

/** Whole numbers that fit 32 bits come as such (no text is made of them), other ids as text. */
async function idExpression(file: ParquetFile, column: ParquetColumn): Promise<string> {
  const name = quoted(column.name);
  const text = `CAST(${name} AS VARCHAR)`;
  if (FLOATING.test(column.type)) {
    // pandas turns integer ids into floats where a value is missing: 7.0 is the id 7.
    return `CASE WHEN ${name} = trunc(${name}) AND abs(${name}) < 1e15 THEN CAST(CAST(${name} AS BIGINT) AS VARCHAR) ELSE ${text} END`;
  }
  if (!INTEGER.test(column.type)) return text;
  const [low, high] = await file.aggregate([`CAST(min(${name}) AS DOUBLE)`, `CAST(max(${name}) AS DOUBLE)`]);
  const fits = typeof low === "number" && typeof high === "number" && low >= -INT32_MAX && high <= INT32_MAX;
  return fits ? `CAST(${name} AS INTEGER)` : text;
}

function numberExpression(path: string, column: ParquetColumn): string {
  if (isNumericType(column.type)) return `CAST(${quoted(column.name)} AS DOUBLE)`;
  throw dataFault("KDP7007", `the rating column "${column.name}" holds ${column.type}, not numbers`, {
    place: path,
    fix: "name the right column: `rating: …`",
  });
}

/** Integers as they stand; dates and times as seconds since 1970. */
function momentExpression(path: string, column: ParquetColumn): string {
  const name = quoted(column.name);
  if (MOMENT.test(column.type)) return `CAST(floor(epoch(${name})) AS BIGINT)`;
  if (isNumericType(column.type)) return `CAST(floor(${name}) AS BIGINT)`;
  throw dataFault("KDP7007", `the time stamp column "${column.name}" holds ${column.type}, neither numbers nor times`, {
    place: path,
    fix: "name the right column: `timestamp: …`",
  });
}
