import type { InteractionTable, SplitRows } from "@kdp/plugin-api";

/** Where each row of a table goes. */
export const Part = { train: 0, valid: 1, test: 2, none: 3 } as const;
export type Part = (typeof Part)[keyof typeof Part];

/** Rows of each part, in table order. */
export function rowsOfParts(parts: Uint8Array): Omit<SplitRows, "notes"> {
  const rowsOf = (part: Part): Int32Array => {
    const rows = new Int32Array(parts.reduce((count, p) => count + (p === part ? 1 : 0), 0));
    let at = 0;
    parts.forEach((p, row) => {
      if (p === part) rows[at++] = row;
    });
    return rows;
  };
  return { train: rowsOf(Part.train), valid: rowsOf(Part.valid), test: rowsOf(Part.test) };
}

type Table = Pick<InteractionTable, "user" | "item" | "users" | "items">;

/** Takes the held-out rows whose item, or whose user, training never saw out of the split. Returns how many there were. */
export function dropCold(table: Table, parts: Uint8Array): { readonly items: number; readonly users: number } {
  const knownItem = new Uint8Array(table.items);
  const knownUser = new Uint8Array(table.users);
  parts.forEach((part, row) => {
    if (part !== Part.train) return;
    knownItem[table.item[row] as number] = 1;
    knownUser[table.user[row] as number] = 1;
  });
  let items = 0;
  let users = 0;
  parts.forEach((part, row) => {
    if (part !== Part.valid && part !== Part.test) return;
    if (!knownItem[table.item[row] as number]) items++;
    else if (!knownUser[table.user[row] as number]) users++;
    else return;
    parts[row] = Part.none;
  });
  return { items, users };
}

export function coldNotes(cold: { readonly items: number; readonly users: number }): string[] {
  const line = (n: number, what: string) =>
    n > 0 ? [`${n} held-out interaction${n === 1 ? "" : "s"} of ${what} that training never saw left out`] : [];
  return [...line(cold.items, "items"), ...line(cold.users, "users")];
}
