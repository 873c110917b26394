import { InputError, type Side } from "@kdp/plugin-api";
import type { Column } from "./columns.js";

export type RowOf = (side: Side, id: string) => number;

export interface Matched {
  /** Row of the universe for each id of the file, -1 where there is none. */
  readonly rows: Int32Array;
  /** Report of what did not match. */
  readonly notes: readonly string[];
}

const EXAMPLES = 3;

/**
 * Finds the rows of a file's ids.
 * @throws InputError KDP7007 an id that is missing, KDP7202 when none of the ids is known: the file is of other data
 */
export function matchIds(column: Column, side: Side, rowOf: RowOf, path: string): Matched {
  const known = new Map<string, number>();
  const rows = Int32Array.from(column as ArrayLike<string | number | null>, (value, at) => {
    if (value === null || value === "") {
      throw new InputError("KDP7007", `row ${at + 1} has no ${side}`, {
        place: path,
        fix: "remove the row, or give it an id",
      });
    }
    const id = String(value);
    let row = known.get(id);
    if (row === undefined) {
      row = rowOf(side, id);
      known.set(id, row);
    }
    return row;
  });
  const unknown = [...known].filter(([, row]) => row === -1).map(([id]) => id);
  if (unknown.length === 0) return { rows, notes: [] };
  const examples = unknown.slice(0, EXAMPLES).join(", ");
  if (unknown.length === known.size) {
    throw new InputError(
      "KDP7202",
      `none of the ${known.size} ${side} ids is among those of the data (${examples}, …)`,
      {
        place: path,
        fix: `name the right column (\`${side}: "…"\`), or write the ids as they stand in the data`,
      },
    );
  }
  const line = `KDP7201: ${unknown.length} of ${known.size} ${side} ids of ${path} are not in the data and left out (${examples}${unknown.length > EXAMPLES ? ", …" : ""})`;
  return { rows, notes: [line] };
}
