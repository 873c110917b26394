import type { Interactions } from "@kdp/plugin-api";

/** Rows of ids (CSR): those of row `r` are `ids[offsets[r] .. offsets[r + 1])`, ascending. */
export interface Sparse {
  readonly rows: number;
  /** Ids are below this. */
  readonly cols: number;
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
}

/** The items of each user. */
export const rowsOf = (train: Interactions): Sparse => ({
  rows: train.users,
  cols: train.items,
  offsets: train.offsets,
  ids: train.itemIds,
});

/** The users of each item. */
export function columnsOf({ users, items, offsets, itemIds }: Interactions): Sparse {
  const starts = new Int32Array(items + 1);
  for (const item of itemIds) starts[item + 1]!++;
  for (let item = 0; item < items; item++) starts[item + 1]! += starts[item]!;
  const next = starts.slice(0, items);
  const ids = new Int32Array(itemIds.length);
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) ids[next[itemIds[at]!]!++] = user;
  }
  return { rows: items, cols: users, offsets: starts, ids };
}
