import type { ExportColumn } from "@kdp/plugin-api";

/** Rows of a table. @throws Error when its columns differ in length */
export function columnLengths(columns: Readonly<Record<string, ExportColumn>>): number {
  const lengths = Object.entries(columns).map(([name, column]) => [name, lengthOf(column)] as const);
  if (new Set(lengths.map(([, length]) => length)).size > 1) {
    const told = lengths.map(([name, length]) => `${name} ${length}`).join(", ");
    throw new Error(`columns of one table differ in length: ${told}`);
  }
  return lengths[0]?.[1] ?? 0;
}

const lengthOf = (column: ExportColumn): number => ("rows" in column ? column.rows : column.length);
