import type { FileTables } from "@kdp/plugin-api";
import { dataFault } from "../data-fault.js";

/** A column as it comes from a file, before it is known what it is. */
export type RawColumn = FileTables["columns"][string] | readonly (readonly unknown[] | null)[];

type Matrix = FileTables["matrices"][string];

/**
 * Sorts columns into what {@link FileTables} has: lists of numbers with fractions are the rows of a matrix; lists of ids
 * (whole numbers or text) are spread over as many rows, all other columns repeated, in the order of the list.
 * @param floating columns known to hold fractions by their type, so that `[1.0, 0.0]` is no list of ids
 * @throws RuntimeFault KDP7007 a row without a list, KDP7206 rows of a matrix that differ in length
 */
export function sortColumns(
  file: string,
  raw: Readonly<Record<string, RawColumn>>,
  floating: ReadonlySet<string> = new Set(),
): FileTables {
  const matrices: Record<string, Matrix> = {};
  const lists: Record<string, readonly (readonly unknown[])[]> = {};
  const scalars: Record<string, FileTables["columns"][string]> = {};
  for (const [name, column] of Object.entries(raw)) {
    if (!isListColumn(column)) scalars[name] = column as FileTables["columns"][string];
    else {
      const rows = presentLists(file, name, column as readonly (readonly unknown[] | null)[]);
      if (floating.has(name) || hasFractions(rows)) matrices[name] = matrixOf(file, name, rows);
      else lists[name] = rows;
    }
  }
  return { columns: Object.keys(lists).length === 0 ? scalars : spread(file, scalars, lists), matrices };
}

const isListColumn = (column: RawColumn): boolean =>
  !ArrayBuffer.isView(column) && (column as readonly unknown[]).some((value) => Array.isArray(value));

function presentLists(file: string, name: string, column: readonly (readonly unknown[] | null)[]) {
  return column.map((value, row) => {
    if (Array.isArray(value)) return value as readonly unknown[];
    throw dataFault("KDP7007", `row ${row + 1} has no list in "${name}"`, {
      place: file,
      fix: "write a list in every row, or leave the row out",
    });
  });
}

const hasFractions = (rows: readonly (readonly unknown[])[]): boolean =>
  rows.some((row) => row.some((value) => typeof value === "number" && !Number.isInteger(value)));

/** Rows of numbers as one matrix; what is no number becomes NaN, which whoever reads the matrix refuses. */
function matrixOf(file: string, name: string, rows: readonly (readonly unknown[])[]): Matrix {
  const cols = rows[0]?.length ?? 0;
  const values = new Float32Array(rows.length * cols);
  rows.forEach((row, r) => {
    if (row.length !== cols) {
      throw dataFault("KDP7206", `row ${r + 1} of "${name}" has ${row.length} numbers, the first has ${cols}`, {
        place: file,
        fix: "all rows of a matrix have the same length",
      });
    }
    row.forEach((value, c) => {
      values[r * cols + c] = typeof value === "number" ? value : Number.NaN;
    });
  });
  return { rows: rows.length, cols, values };
}

function spread(
  file: string,
  scalars: Readonly<Record<string, FileTables["columns"][string]>>,
  lists: Readonly<Record<string, readonly (readonly unknown[])[]>>,
): FileTables["columns"] {
  const [first = []] = Object.values(lists);
  const lengths = first.map((list) => list.length);
  for (const [name, rows] of Object.entries(lists)) {
    const row = rows.findIndex((list, r) => list.length !== lengths[r]);
    if (row !== -1) {
      throw dataFault("KDP7206", `row ${row + 1}: the list in "${name}" is not as long as the others`, {
        place: file,
        fix: "lists that stand in one row belong together: make them equally long",
      });
    }
  }
  const out: Record<string, (string | number | null)[]> = {};
  for (const [name, column] of Object.entries(scalars)) {
    out[name] = lengths.flatMap((length, row) =>
      Array.from({ length }, () => (column[row] ?? null) as string | number),
    );
  }
  for (const [name, rows] of Object.entries(lists)) out[name] = rows.flatMap((list) => list.map(scalarOf));
  return out;
}

/** A value that can be an id or a number; anything else is none. */
export function scalarOf(value: unknown): string | number | null {
  if (typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "bigint") return BigInt.asIntN(53, value) === value ? Number(value) : String(value);
  return value === null || value === undefined ? null : String(value);
}
