import type { InteractionTable } from "@kdp/plugin-api";

/** Rows of a table grouped by user: those of user `u` are `rows[offsets[u] .. offsets[u + 1])`, in table order. */
export interface RowsByUser {
  readonly offsets: Int32Array;
  readonly rows: Int32Array;
}

export function rowsByUser({ user, users }: Pick<InteractionTable, "user" | "users">): RowsByUser {
  const offsets = new Int32Array(users + 1);
  for (const u of user) offsets[u + 1] = (offsets[u + 1] as number) + 1;
  for (let u = 0; u < users; u++) offsets[u + 1] = (offsets[u + 1] as number) + (offsets[u] as number);
  const next = offsets.slice(0, users);
  const rows = new Int32Array(user.length);
  for (let row = 0; row < user.length; row++) {
    const u = user[row] as number;
    const at = next[u] as number;
    rows[at] = row;
    next[u] = at + 1;
  }
  return { offsets, rows };
}
