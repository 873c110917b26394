import { RuntimeFault } from "../faults.js";
import { roleOfName, type SourceColumns } from "./columns.js";
import { atLine, dataFault } from "./data-fault.js";
import { type Delimiter, KNOWN_DELIMITERS, namedDelimiter } from "./delimiter.js";
import { numberOfText, timestampOfText } from "./number-text.js";
import { RecordScanner } from "./record-scanner.js";

/** What a pipeline says about a delimited file; null is "find out". */
export interface LayoutOptions {
  readonly delimiter: string | null;
  readonly header: boolean | null;
  /** Column names that the pipeline uses: they can decide between two delimiters. */
  readonly names: readonly string[];
}

export interface Layout {
  readonly delimiter: Delimiter;
  readonly header: boolean;
  readonly columns: SourceColumns;
}

interface Row {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Records looked at: enough to tell a header, a delimiter and the numeric columns. */
const SAMPLE_RECORDS = 500;

/**
 * Finds delimiter, header and column kinds from the beginning of a file.
 * @param complete whether `sample` is the whole file; if not, its last, cut line is left out
 * @throws RuntimeFault KDP7002 no lines, KDP7004 one column, KDP7005 delimiter ambiguous or wrong, KDP7007 a ragged line,
 * KDP7008 a header that cannot be told from data.
 */
export function detectLayout(file: string, sample: Buffer, complete: boolean, options: LayoutOptions): Layout {
  const lastBreak = complete ? sample.length : sample.lastIndexOf(10) + 1;
  const text = sample.subarray(0, lastBreak > 0 ? lastBreak : sample.length);
  const delimiter = options.delimiter === null ? detect(file, text, options) : given(file, text, options.delimiter);
  const rows = recordsOf(file, text, delimiter);
  const header = options.header ?? detectHeader(file, rows, options.names);
  const width = rows[0]?.fields.length ?? 0;
  const data = header ? rows.slice(1) : rows;
  const every = (test: (text: string) => boolean) =>
    Array.from({ length: width }, (_, i) => data.every((row) => test(row.fields[i] ?? "")));
  return {
    delimiter,
    header,
    columns: {
      file,
      count: width,
      names: header ? (rows[0] as Row).fields : null,
      numeric: every(isNumber),
      temporal: every((text) => timestampOfText(text) !== null),
    },
  };
}

const isNumber = (text: string): boolean => numberOfText(text) !== null;

function recordsOf(file: string, text: Buffer, delimiter: Delimiter): Row[] {
  const rows: Row[] = [];
  const scanner = new RecordScanner(file, delimiter, (record) => {
    if (rows.length >= SAMPLE_RECORDS) return;
    rows.push({ line: record.line, fields: Array.from({ length: record.count }, (_, i) => record.text(i)) });
  });
  scanner.push(text);
  scanner.end();
  if (rows.length === 0) {
    throw dataFault("KDP7002", "the file holds no lines", { place: file, fix: "check how it was made" });
  }
  return rows;
}

/** Records under a delimiter, or null when quoting forbids it. */
function tryRecords(file: string, text: Buffer, delimiter: Delimiter): Row[] | null {
  try {
    return recordsOf(file, text, delimiter);
  } catch (error) {
    if ((error as { data?: { code?: string } }).data?.code === "KDP7007") return null;
    throw error;
  }
}

function given(file: string, text: Buffer, spelling: string): Delimiter {
  const delimiter = namedDelimiter(spelling);
  if (!delimiter) {
    throw dataFault("KDP7005", `${JSON.stringify(spelling)} cannot be a delimiter`, {
      place: file,
      fix: 'write it as one or more characters, such as "," or "\\t"',
    });
  }
  const [first] = recordsOf(file, text, delimiter);
  if (first && first.fields.length > 1) return delimiter;
  const other = viable(file, text).map((candidate) => candidate.name);
  throw dataFault("KDP7005", `no ${delimiter.name} separates columns in the first line`, {
    place: atLine(file, first?.line ?? 1),
    fix:
      other.length > 0
        ? `the file looks separated by ${other.join(" or ")}; leave \`delimiter:\` out to have it found`
        : "an interaction needs two columns, user and item",
  });
}

function viable(file: string, text: Buffer): Delimiter[] {
  return KNOWN_DELIMITERS.filter((candidate) => {
    const rows = tryRecords(file, text, candidate);
    const width = rows?.[0]?.fields.length ?? 0;
    return width >= 2 && rows?.every((row) => row.fields.length === width);
  });
}

function detect(file: string, text: Buffer, options: LayoutOptions): Delimiter {
  const found = viable(file, text);
  const strong = found.filter((candidate) => !candidate.collapse);
  const candidates = strong.length > 0 ? strong : found;
  const [only] = candidates;
  if (only && candidates.length === 1) return only;
  if (!only) throw noDelimiter(file, text);
  const named = candidates.filter((candidate) => {
    const names = recordsOf(file, text, candidate)[0]?.fields ?? [];
    return options.names.length > 0 && options.names.every((name) => names.includes(name));
  });
  const [match] = named;
  if (match && named.length === 1) return match;
  const names = candidates.map((candidate) => candidate.name);
  throw dataFault("KDP7005", `the columns could be separated by ${names.join(" or by ")}`, {
    place: file,
    fix: `say which: \`delimiter: ${JSON.stringify(Buffer.from(only.bytes).toString("utf8"))}\``,
  });
}

/** No delimiter gives every line the same number of columns: one line is wrong, or there is one column. */
function noDelimiter(file: string, text: Buffer) {
  const unclosed = KNOWN_DELIMITERS.map((candidate) => quotingFault(file, text, candidate)).find((fault) => fault);
  if (unclosed) return unclosed;
  let best: { row: Row; width: number; agreeing: number; name: string } | null = null;
  for (const candidate of KNOWN_DELIMITERS) {
    const rows = tryRecords(file, text, candidate) ?? [];
    const width = rows[0]?.fields.length ?? 0;
    const row = rows.find((other) => other.fields.length !== width);
    const agreeing = rows.filter((other) => other.fields.length === width).length;
    if (width >= 2 && row && agreeing * 2 > rows.length && agreeing > (best?.agreeing ?? 0)) {
      best = { row, width, agreeing, name: candidate.name };
    }
  }
  if (best) return raggedLine(file, best.row.line, best.row.fields.length, best.width, best.name);
  return dataFault("KDP7004", "the lines hold one column; an interaction needs two, user and item", {
    place: file,
    fix: "if something unusual separates the columns, name it: `delimiter: …`",
  });
}

/** What is wrong with the quotes of a file whose first line has several columns under a delimiter; null when nothing is. */
function quotingFault(file: string, text: Buffer, delimiter: Delimiter): RuntimeFault | null {
  const end = text.indexOf(10);
  const first = tryRecords(file, end < 0 ? text : text.subarray(0, end), delimiter)?.[0];
  if (!first || first.fields.length < 2) return null;
  try {
    recordsOf(file, text, delimiter);
    return null;
  } catch (error) {
    if (error instanceof RuntimeFault && error.data.code === "KDP7007") return error;
    throw error;
  }
}

/** A line with another number of columns than the first. */
export function raggedLine(file: string, line: number, got: number, expected: number, delimiter: string) {
  const columns = (n: number) => `${n} column${n === 1 ? "" : "s"}`;
  return dataFault("KDP7007", `this line has ${columns(got)}, the first has ${columns(expected)}`, {
    place: atLine(file, line),
    fix: `columns are separated by ${delimiter}; put a field that holds it in double quotes, or remove the line`,
  });
}

/**
 * A header is there when the first line has a name that the pipeline uses or usual names, or words above columns of numbers; it is not there when it has
 * numbers above numbers. Words above words could be either.
 */
function detectHeader(file: string, rows: readonly Row[], names: readonly string[]): boolean {
  const [first, ...data] = rows as [Row, ...Row[]];
  if (names.some((name) => first.fields.includes(name))) return true;
  const roles = new Set(first.fields.map(roleOfName));
  const numeric = first.fields.map((_, i) => data.length > 0 && data.every((row) => isNumber(row.fields[i] ?? "")));
  const wordsAbove = first.fields.filter((text, i) => numeric[i] && !isNumber(text)).length;
  const numbersAbove = first.fields.filter((text, i) => numeric[i] && isNumber(text)).length;
  if (wordsAbove > 0 && numbersAbove === 0) return true;
  if (roles.has("user") && roles.has("item")) return true;
  if (wordsAbove === 0 && (numbersAbove > 0 || first.fields.some(isNumber))) return false;
  throw dataFault("KDP7008", "the first line could be a header or data", {
    place: atLine(file, first.line),
    fix: "say which: `header: true` or `header: false`",
  });
}
