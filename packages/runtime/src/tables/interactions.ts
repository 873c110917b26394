import type { Interactions, InteractionTable } from "@kdp/plugin-api";
import type { Table } from "apache-arrow";
import type { FieldSpec } from "./check-table.js";
import {
  countOf,
  float32Column,
  float32Data,
  int32Column,
  int32Data,
  int64Column,
  int64Data,
  tableOf,
} from "./columns.js";

/** `user: int32, item: int32[, rating: float32][, timestamp: int64]`; `users` and `items` in the metadata. */
export const INTERACTION_FIELDS: readonly FieldSpec[] = [
  { name: "user", type: "Int32" },
  { name: "item", type: "Int32" },
  { name: "rating", type: "Float32", optional: true },
  { name: "timestamp", type: "Int64", optional: true },
];

export function interactionsToTable(rows: InteractionTable): Table {
  return tableOf(
    {
      user: int32Data(rows.user),
      item: int32Data(rows.item),
      ...(rows.rating ? { rating: float32Data(rows.rating) } : {}),
      ...(rows.timestamp ? { timestamp: int64Data(rows.timestamp) } : {}),
    },
    { users: rows.users, items: rows.items },
  );
}

export function interactionsFromTable(table: Table): InteractionTable {
  return {
    users: countOf(table, "users"),
    items: countOf(table, "items"),
    user: int32Column(table, "user"),
    item: int32Column(table, "item"),
    rating: table.getChild("rating") ? float32Column(table, "rating") : null,
    timestamp: table.getChild("timestamp") ? int64Column(table, "timestamp") : null,
  };
}

/** `0, 1, … n - 1`: `Int32Array.from` takes an iterator step for each. */
export function rowNumbers(n: number): Int32Array {
  const rows = new Int32Array(n);
  for (let row = 0; row < n; row++) rows[row] = row;
  return rows;
}

/** The rows that pass, in their order. `Int32Array.filter` would first collect them as values of a JavaScript array. */
export function rowsWhere(rows: Int32Array, passes: (row: number) => boolean): Int32Array {
  let count = 0;
  for (const row of rows) if (passes(row)) count++;
  if (count === rows.length) return rows;
  const out = new Int32Array(count);
  let at = 0;
  for (const row of rows) if (passes(row)) out[at++] = row;
  return out;
}

/** The rows of a table that are listed, in that order. */
export function takeRows(table: InteractionTable, rows: Int32Array): InteractionTable {
  const { rating, timestamp } = table;
  return {
    users: table.users,
    items: table.items,
    user: rows.map((row) => table.user[row] as number),
    item: rows.map((row) => table.item[row] as number),
    rating: rating ? takeNumbers(rating, rows) : null,
    timestamp: timestamp ? takeBigInts(timestamp, rows) : null,
  };
}

/** `Float32Array.from` takes an iterator step for each, and keeps them all in an array meanwhile. */
function takeNumbers(values: Float32Array, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i] as number] as number;
  return out;
}

function takeBigInts(values: BigInt64Array, rows: Int32Array): BigInt64Array {
  const out = new BigInt64Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i] as number] as bigint;
  return out;
}

/** Starts of groups: `offsets[g]` is how many of `groups` lie below `g`, `[count + 1]`. */
function groupOffsets(groups: Int32Array, count: number): Int32Array {
  const offsets = new Int32Array(count + 1);
  for (const group of groups) offsets[group + 1] = (offsets[group + 1] as number) + 1;
  for (let g = 0; g < count; g++) offsets[g + 1] = (offsets[g + 1] as number) + (offsets[g] as number);
  return offsets;
}

/** Rows in the order of their group; rows of a group keep their order. */
export function rowsByGroup(groups: Int32Array, count: number): { offsets: Int32Array; rows: Int32Array } {
  const offsets = groupOffsets(groups, count);
  const next = offsets.slice(0, count);
  const rows = new Int32Array(groups.length);
  for (let row = 0; row < groups.length; row++) {
    const group = groups[row] as number;
    const at = next[group] as number;
    rows[at] = row;
    next[group] = at + 1;
  }
  return { offsets, rows };
}

/** Groups pairs by user, items ascending, in linear time: two counting sorts. The pairs must be distinct. */
export function toInteractions(
  pairs: Pick<InteractionTable, "user" | "item">,
  users: number,
  items: number,
): Interactions {
  const byItem = rowsByGroup(pairs.item, items).rows;
  const offsets = groupOffsets(pairs.user, users);
  const next = offsets.slice(0, users);
  const itemIds = new Int32Array(pairs.item.length);
  for (const row of byItem) {
    const user = pairs.user[row] as number;
    const at = next[user] as number;
    itemIds[at] = pairs.item[row] as number;
    next[user] = at + 1;
  }
  return { users, items, offsets, itemIds };
}

/** The same pairs grouped by item, users ascending: rows and columns of the matrix swapped. */
export function transpose(interactions: Interactions): Interactions {
  const { users, items, offsets, itemIds } = interactions;
  const byItem = groupOffsets(itemIds, items);
  const next = byItem.slice(0, items);
  const userIds = new Int32Array(itemIds.length);
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user] as number; at < (offsets[user + 1] as number); at++) {
      const item = itemIds[at] as number;
      const to = next[item] as number;
      userIds[to] = user;
      next[item] = to + 1;
    }
  }
  return { users: items, items: users, offsets: byItem, itemIds: userIds };
}

/** Union of sets of pairs over one universe, merged row by row; a pair in several sets is kept once. */
export function unionOf(sets: readonly Interactions[], users: number, items: number): Interactions {
  const total = sets.reduce((sum, set) => sum + set.itemIds.length, 0);
  const offsets = new Int32Array(users + 1);
  const itemIds = new Int32Array(total);
  let at = 0;
  for (let user = 0; user < users; user++) {
    const start = at;
    for (const set of sets) {
      const row = set.itemIds.subarray(set.offsets[user] as number, set.offsets[user + 1] as number);
      itemIds.set(row, at);
      at += row.length;
    }
    if (sets.length > 1) at = start + sortedDistinct(itemIds.subarray(start, at));
    offsets[user + 1] = at;
  }
  return { users, items, offsets, itemIds: at === total ? itemIds : itemIds.slice(0, at) };
}

/** Sorts in place, moves the distinct values to the front and returns how many there are. */
function sortedDistinct(values: Int32Array): number {
  values.sort();
  let kept = 0;
  for (const value of values) {
    if (kept === 0 || values[kept - 1] !== value) values[kept++] = value;
  }
  return kept;
}
