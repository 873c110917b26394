import type { FileTables } from "@kdp/plugin-api";
import { grown } from "../byte-vocabulary.js";
import { detectLayout, raggedLine } from "../detect-layout.js";
import { readBytes } from "../open-bytes.js";
import { takeSample } from "../read-delimited.js";
import { RecordScanner } from "../record-scanner.js";

/**
 * All columns of delimited text: by the names of the header, or by their index from 0 (`"0"`, `"1"`, …) without one.
 * Columns of whole numbers come as such, all others as text.
 */
export async function readDelimitedTables(path: string, gzip: boolean): Promise<FileTables> {
  const chunks = readBytes(path, gzip);
  const { sample, complete } = await takeSample(chunks);
  const layout = detectLayout(path, sample, complete, { delimiter: null, header: null, names: [] });
  const { count, names } = layout.columns;
  const columns = Array.from({ length: count }, () => new TextColumn());
  let skip = layout.header;
  const scanner = new RecordScanner(path, layout.delimiter, (record) => {
    if (skip) {
      skip = false;
      return;
    }
    if (record.count !== count) throw raggedLine(path, record.line, record.count, count, layout.delimiter.name);
    columns.forEach((column, field) => {
      column.add(record, field);
    });
  });
  scanner.push(sample);
  for await (const chunk of chunks) scanner.push(chunk);
  scanner.end();
  return {
    columns: Object.fromEntries(columns.map((column, i) => [names?.[i] ?? String(i), column.values()])),
    matrices: {},
  };
}

const ZERO = 48;
const MAX_DIGITS = 9;

/** Whole numbers as long as there is nothing else, then text. */
class TextColumn {
  #numbers = new Int32Array(1 << 10);
  #texts: string[] | null = null;
  #length = 0;

  add(record: RecordScanner, field: number): void {
    if (this.#texts === null) {
      const number = wholeNumber(record, field);
      if (number !== null) {
        if (this.#length === this.#numbers.length) this.#numbers = grown(this.#numbers, this.#length + 1, Int32Array);
        this.#numbers[this.#length++] = number;
        return;
      }
      this.#texts = Array.from(this.#numbers.subarray(0, this.#length), String);
    }
    this.#texts.push(record.text(field));
  }

  values(): Int32Array | readonly string[] {
    return this.#texts ?? this.#numbers.slice(0, this.#length);
  }
}

/** The number that a field spells in its shortest form, so that its text can be had again. */
function wholeNumber(record: RecordScanner, field: number): number | null {
  const start = record.starts[field] as number;
  const end = record.ends[field] as number;
  const digits = end - start;
  if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && record.bytes[start] === ZERO)) return null;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (record.bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value;
}
