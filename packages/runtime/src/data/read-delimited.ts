import type { ByteVocabulary } from "./byte-vocabulary.js";
import { type ColumnIndexes, chooseColumns, columnsNote, namesOf } from "./columns.js";
import { atLine, dataFault } from "./data-fault.js";
import { detectLayout, type Layout, raggedLine } from "./detect-layout.js";
import type { IdSink, ReadOptions, ReadRows } from "./interaction-source.js";
import { parseNumber, parseTimestamp } from "./number-text.js";
import { readBytes } from "./open-bytes.js";
import { RecordScanner } from "./record-scanner.js";
import { RowBuffer } from "./row-buffer.js";

const SAMPLE_BYTES = 1 << 18;

/**
 * Reads TSV, CSV or other delimited text, plain or gzip'd, in one pass.
 * @throws RuntimeFault KDP7002–KDP7008, KDP7012 with file and line.
 */
export async function readDelimited(path: string, gzip: boolean, ids: IdSink, options: ReadOptions): Promise<ReadRows> {
  const chunks = readBytes(path, gzip);
  const { sample, complete } = await takeSample(chunks);
  const { columns: choices } = options;
  refuseBinary(path, sample);
  const layout = detectLayout(path, sample, complete, {
    delimiter: options.delimiter,
    header: options.header,
    names: Object.values(choices).filter((choice): choice is string => typeof choice === "string"),
  });
  const columns = chooseColumns(layout.columns, choices);
  const reader = new RowReader(path, layout, columns, ids);
  reader.scanner.push(sample);
  for await (const chunk of chunks) reader.scanner.push(chunk);
  reader.scanner.end();
  if (reader.rows.length === 0) {
    throw dataFault("KDP7002", "the file holds a header and no interactions", {
      place: path,
      fix: "check how it was made; if its first line is an interaction, say `header: false`",
    });
  }
  return {
    rows: reader.rows,
    format: "delimited",
    notes: [
      `read as ${gzip ? "gzip'd " : ""}text separated by ${layout.delimiter.name}, ${layout.header ? "with" : "without"} a header`,
      `columns: ${columnsNote(layout.columns, columns)}`,
    ],
    detected: {
      columns: namesOf(layout.columns, columns),
      header: layout.header,
      delimiter: Buffer.from(layout.delimiter.bytes).toString("utf8"),
    },
  };
}

/** Binary tables are not read through gzip: both need their end first. */
function refuseBinary(path: string, sample: Buffer): void {
  const magic = sample.toString("latin1", 0, 6);
  if (!magic.startsWith("PAR1") && magic !== "ARROW1" && !sample.subarray(0, 4096).includes(0)) return;
  throw dataFault("KDP7010", "the file is binary, but no format that is read in this form", {
    place: path,
    fix: "decompress it (`gunzip FILE`), or write it as TSV, CSV, Parquet or Arrow IPC",
  });
}

/** The first bytes of a file, and whether they are all of it. */
export async function takeSample(chunks: AsyncGenerator<Buffer>): Promise<{ sample: Buffer; complete: boolean }> {
  const parts: Buffer[] = [];
  let bytes = 0;
  while (bytes < SAMPLE_BYTES) {
    const { value, done } = await chunks.next();
    if (done) return { sample: Buffer.concat(parts), complete: true };
    parts.push(value);
    bytes += value.length;
  }
  return { sample: Buffer.concat(parts), complete: false };
}

/** Turns records into rows. */
class RowReader {
  readonly scanner: RecordScanner;
  readonly rows: RowBuffer;
  readonly #file: string;
  readonly #layout: Layout;
  readonly #columns: ColumnIndexes;
  readonly #ids: IdSink;
  #skipHeader: boolean;

  constructor(file: string, layout: Layout, columns: ColumnIndexes, ids: IdSink) {
    this.#file = file;
    this.#layout = layout;
    this.#columns = columns;
    this.#ids = ids;
    this.#skipHeader = layout.header;
    this.rows = new RowBuffer({ rating: columns.rating !== null, timestamp: columns.timestamp !== null });
    this.scanner = new RecordScanner(file, layout.delimiter, (record) => this.#add(record));
  }

  #add(record: RecordScanner): void {
    if (this.#skipHeader) {
      this.#skipHeader = false;
      return;
    }
    if (record.count !== this.#layout.columns.count) {
      throw raggedLine(this.#file, record.line, record.count, this.#layout.columns.count, this.#layout.delimiter.name);
    }
    const { user, item, rating, timestamp } = this.#columns;
    this.rows.add(
      this.#id(record, user, this.#ids.users, "user"),
      this.#id(record, item, this.#ids.items, "item"),
      rating === null ? 0 : this.#rating(record, rating),
      timestamp === null ? 0n : this.#timestamp(record, timestamp),
    );
  }

  #id(record: RecordScanner, field: number, ids: ByteVocabulary, what: string): number {
    const start = record.starts[field] as number;
    const end = record.ends[field] as number;
    if (start === end) {
      throw dataFault("KDP7007", `this line has no ${what}`, {
        place: atLine(this.#file, record.line),
        fix: "remove the line, or give it an id",
      });
    }
    const row = record.needsText(field) ? ids.internText(record.text(field)) : ids.intern(record.bytes, start, end);
    if (row === -1) {
      throw dataFault("KDP7012", `the ${what} of this line is not valid UTF-8`, {
        place: atLine(this.#file, record.line),
        fix: "convert the file: `iconv -f latin1 -t utf-8 FILE > FILE.utf8`",
      });
    }
    return row;
  }

  #rating(record: RecordScanner, field: number): number {
    const value = parseNumber(record.bytes, record.starts[field] as number, record.ends[field] as number);
    if (value !== null && Math.abs(value) < Infinity) return value;
    const text = record.text(field);
    if (value === null && text !== "") {
      throw dataFault("KDP7007", `the rating ${JSON.stringify(text)} is no number`, {
        place: atLine(this.#file, record.line),
        fix: "name the right column (`rating: …`), or mend the line",
      });
    }
    throw badRating(this.#file, record.line, text);
  }

  #timestamp(record: RecordScanner, field: number): bigint {
    const value = parseTimestamp(record.bytes, record.starts[field] as number, record.ends[field] as number);
    if (value !== null) return value;
    throw dataFault(
      "KDP7007",
      `the time stamp ${JSON.stringify(record.text(field))} is neither a number nor an ISO date`,
      {
        place: atLine(this.#file, record.line),
        fix: "name the right column (`timestamp: …`), or mend the line",
      },
    );
  }
}

/** @param line line of a text, row (from 1) of a table */
function badRating(file: string, line: number, text: string) {
  const what = text === "" ? "is missing" : `is ${text}`;
  return dataFault("KDP7006", `the rating of this line ${what}`, {
    place: atLine(file, line),
    fix: "remove such lines; a rating must be a finite number",
  });
}
