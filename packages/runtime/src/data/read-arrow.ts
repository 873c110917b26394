import { type Data, DataType, type Vector } from "apache-arrow";
import { readArrowFile } from "./arrow-file.js";
import { chooseColumns, columnsNote, namesOf, type SourceColumns } from "./columns.js";
import { dataFault } from "./data-fault.js";
import type { IdSink, ReadOptions, ReadRows } from "./interaction-source.js";
import { finiteRating, IdWriter, presentTimestamp } from "./interaction-values.js";
import { RowBuffer } from "./row-buffer.js";

/**
 * Reads interactions from an Arrow IPC file or stream.
 * @throws RuntimeFault KDP7002 no rows, KDP7004 one column, KDP7006–KDP7010.
 */
export async function readArrow(
  path: string,
  format: "arrow-file" | "arrow-stream",
  ids: IdSink,
  options: ReadOptions,
): Promise<ReadRows> {
  const { schema, batches } = await readArrowFile(path, format);
  const source: SourceColumns = {
    file: path,
    count: schema.fields.length,
    names: schema.fields.map((field) => field.name),
    numeric: schema.fields.map((field) => isNumeric(field.type)),
    temporal: schema.fields.map((field) => isNumeric(field.type) || isMoment(field.type)),
  };
  if (source.count < 2) {
    throw dataFault("KDP7004", "the table has one column; an interaction needs two, user and item", {
      place: path,
      fix: "write the table with a column of users and one of items",
    });
  }
  const columns = chooseColumns(source, options.columns);
  const { rating, timestamp } = columns;
  if (rating !== null) expectType(source, rating, "rating", source.numeric);
  if (timestamp !== null) expectType(source, timestamp, "timestamp", source.temporal);
  const rows = new RowBuffer({ rating: rating !== null, timestamp: timestamp !== null });
  for (const batch of batches) {
    const at = (index: number) => batch.getChildAt(index) as Vector;
    const user = idRows(at(columns.user), new IdWriter(ids.users, path, "user"), rows.length);
    const item = idRows(at(columns.item), new IdWriter(ids.items, path, "item"), rows.length);
    const ratings = rating === null ? null : at(rating);
    const moments = timestamp === null ? null : momentReader(at(timestamp));
    for (let i = 0; i < batch.numRows; i++) {
      const row = rows.length + 1;
      rows.add(
        user[i] as number,
        item[i] as number,
        ratings ? finiteRating(numberOf(ratings.get(i)), path, row) : 0,
        moments ? presentTimestamp(moments(i), path, row) : 0n,
      );
    }
  }
  if (rows.length === 0)
    throw dataFault("KDP7002", "the table has no rows", { place: path, fix: "check how it was made" });
  return {
    rows,
    format: "arrow",
    notes: ["read as Arrow IPC", `columns: ${columnsNote(source, columns)}`],
    detected: { columns: namesOf(source, columns), header: null, delimiter: null },
  };
}

const isNumeric = (type: DataType): boolean => DataType.isInt(type) || DataType.isFloat(type);
const isMoment = (type: DataType): boolean => DataType.isTimestamp(type) || DataType.isDate(type);
const numberOf = (value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);

function expectType(source: SourceColumns, index: number, role: string, allowed: readonly boolean[]): void {
  if (allowed[index]) return;
  throw dataFault("KDP7007", `the ${role} column "${source.names?.[index]}" does not hold numbers`, {
    place: source.file,
    fix: `name the right column: \`${role}: …\``,
  });
}

/** Rows of the ids of a column. A dictionary's values are looked up once each. */
function idRows(column: Vector, writer: IdWriter, before: number): Int32Array {
  const out = new Int32Array(column.length);
  const codes = DataType.isDictionary(column.type) ? column.data : [];
  const known = new Map<number, number>();
  let at = 0;
  for (const data of codes as readonly Data[]) {
    for (let i = 0; i < data.length; i++, at++) {
      const code = data.getValid(i) ? Number(data.values[i]) : -1;
      let row = known.get(code);
      if (row === undefined) {
        row = writer.row(code === -1 ? null : column.get(at), before + at + 1);
        known.set(code, row);
      }
      out[at] = row;
    }
  }
  for (; at < column.length; at++) out[at] = writer.row(column.get(at), before + at + 1);
  return out;
}

/** Time stamps and dates as seconds since 1970, numbers as they stand. */
function momentReader(column: Vector): (row: number) => unknown {
  const { type } = column;
  if (!DataType.isTimestamp(type) && !DataType.isDate(type)) return (row) => column.get(row);
  // Arrow's JavaScript gives both as milliseconds, whatever unit is stored.
  return (row) => {
    const value = column.get(row) as number | Date | null;
    return value === null ? null : Math.floor(Number(value) / 1000);
  };
}
