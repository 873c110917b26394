import { atLine, dataFault } from "./data-fault.js";
import type { Delimiter } from "./delimiter.js";

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
/** A record longer than this is an unclosed quote. */
const MAX_RECORD_BYTES = 16 << 20;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Cuts delimited UTF-8 text into records (RFC 4180: a field in double quotes may hold delimiters, line breaks and doubled
 * quotes), with any delimiter. Empty lines are skipped, blanks around unquoted fields cut off.
 *
 * The fields of a record lie in {@link bytes} between {@link starts} and {@link ends}; they are valid during the callback.
 */
export class RecordScanner {
  bytes: Buffer = Buffer.alloc(0);
  starts = new Int32Array(16);
  ends = new Int32Array(16);
  /** Fields of the current record. */
  count = 0;
  /** Line on which the current record begins, from 1. */
  line = 0;

  readonly #delimiter: Delimiter;
  readonly #first: number;
  readonly #onRecord: (record: RecordScanner) => void;
  readonly #file: string;
  /** 1 where a quoted field holds doubled quotes. */
  #doubled = new Uint8Array(16);
  #rest: Buffer = Buffer.alloc(0);
  #nextLine = 1;
  #atStart = true;

  /** @param file for messages */
  constructor(file: string, delimiter: Delimiter, onRecord: (record: RecordScanner) => void) {
    this.#file = file;
    this.#delimiter = delimiter;
    this.#first = delimiter.bytes[0] as number;
    this.#onRecord = onRecord;
  }

  /** @throws RuntimeFault KDP7007 at text that no quoting rule allows. */
  push(chunk: Buffer): void {
    this.#consume(chunk, false);
  }

  /** Takes the last record, which need not end in a line break. */
  end(): void {
    this.#consume(Buffer.alloc(0), true);
  }

  /** Field as text, quotes resolved. */
  text(field: number): string {
    const text = this.bytes.toString("utf8", this.starts[field], this.ends[field]);
    return this.#doubled[field] ? text.replaceAll('""', '"') : text;
  }

  /** True when the bytes of the field are not the field itself: read {@link text} instead. */
  needsText(field: number): boolean {
    return this.#doubled[field] === 1;
  }

  #consume(chunk: Buffer, final: boolean): void {
    this.bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    if (this.#atStart) {
      if (this.bytes.length < BYTE_ORDER_MARK.length && !final) {
        this.#rest = this.bytes;
        return;
      }
      if (this.bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)) at = 3;
      this.#atStart = false;
    }
    while (at < this.bytes.length) {
      const next = this.#scan(at, final);
      if (next === -1) break;
      if (this.count > 0) this.#onRecord(this);
      at = next;
    }
    this.#rest = this.bytes.subarray(at);
    if (this.#rest.length > MAX_RECORD_BYTES) throw this.#unclosed(this.#nextLine);
  }

  /** Reads one record from `at`; where the next begins, or -1 when more bytes are needed. */
  #scan(at: number, final: boolean): number {
    const bytes = this.bytes;
    const size = bytes.length;
    const first = this.#first;
    const { collapse } = this.#delimiter;
    let lines = 0;
    let field = 0;
    let start = at;
    let i = at;
    this.line = this.#nextLine;
    for (;;) {
      if (collapse) {
        while (i < size && bytes[i] === first) i++;
        start = i;
      }
      if (bytes[i] === QUOTE && i < size) {
        const close = this.#closingQuote(i + 1, field);
        if (close === -1) {
          if (final) throw this.#unclosed(this.line + lines);
          return -1;
        }
        for (let k = i; k < close; k++) if (bytes[k] === LINE_FEED) lines++;
        this.#field(field++, i + 1, close);
        i = close + 1;
        while (i < size && bytes[i] === SPACE && first !== SPACE) i++;
        // The bytes may end inside the delimiter.
        if (!final && size - i < this.#delimiter.bytes.length) return -1;
        if (i < size && !this.#atDelimiter(i) && bytes[i] !== LINE_FEED && bytes[i] !== CARRIAGE_RETURN) {
          throw dataFault("KDP7007", `text follows the closing quote of field ${field}`, {
            place: atLine(this.#file, this.line + lines),
            fix: 'double the quotes inside a quoted field: "say ""hi"""',
          });
        }
      } else {
        while (i < size && bytes[i] !== LINE_FEED && (bytes[i] !== first || !this.#atDelimiter(i))) i++;
        if (!(collapse && i === start && field > 0)) this.#plainField(field++, start, i);
      }
      while (i < size && bytes[i] === CARRIAGE_RETURN) i++;
      if (i >= size) {
        if (!final) return -1;
        break;
      }
      if (bytes[i] === LINE_FEED) {
        i++;
        lines++;
        break;
      }
      i += this.#delimiter.bytes.length;
      start = i;
    }
    this.#nextLine += lines;
    const blank = field === 1 && this.starts[0] === this.ends[0];
    this.count = blank ? 0 : field;
    return i;
  }

  #atDelimiter(at: number): boolean {
    const { bytes } = this.#delimiter;
    for (let k = 0; k < bytes.length; k++) if (this.bytes[at + k] !== bytes[k]) return false;
    return true;
  }

  /** Index of the quote that closes a field; marks the field when it holds doubled quotes. */
  #closingQuote(from: number, field: number): number {
    this.#reserve(field);
    this.#doubled[field] = 0;
    let i = this.bytes.indexOf(QUOTE, from);
    while (i !== -1 && this.bytes[i + 1] === QUOTE) {
      this.#doubled[field] = 1;
      i = this.bytes.indexOf(QUOTE, i + 2);
    }
    return i;
  }

  #plainField(field: number, from: number, to: number): void {
    let start = from;
    let end = to;
    while (end > start && isBlank(this.bytes[end - 1] as number)) end--;
    while (start < end && isBlank(this.bytes[start] as number)) start++;
    this.#reserve(field);
    this.#doubled[field] = 0;
    this.#field(field, start, end);
  }

  #field(field: number, start: number, end: number): void {
    this.starts[field] = start;
    this.ends[field] = end;
  }

  #reserve(field: number): void {
    if (field < this.starts.length) return;
    const longer = (values: Int32Array) => Int32Array.from({ length: field * 2 }, (_, i) => values[i] ?? 0);
    this.starts = longer(this.starts);
    this.ends = longer(this.ends);
    this.#doubled = Uint8Array.from({ length: field * 2 }, (_, i) => this.#doubled[i] ?? 0);
  }

  #unclosed(line: number) {
    return dataFault("KDP7007", "a quoted field is never closed", {
      place: atLine(this.#file, line),
      fix: "close the quote, or double a quote that belongs to the text",
    });
  }
}

/** A carriage return counts as blank, so that `\r\n` needs no case of its own. */
const isBlank = (byte: number): boolean => byte === SPACE || byte === CARRIAGE_RETURN;
