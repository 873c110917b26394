import type { InteractionTable } from "@kdp/plugin-api";
import { rowNumbers, rowsWhere } from "../tables/interactions.js";
import { firstPairs } from "./first-pairs.js";

/** Filters of `dataset(...)`; null is off. Applied in this order. */
export interface Filters {
  readonly minRating: number | null;
  /** Users with fewer interactions are left out, once. */
  readonly minInteractions: number | null;
  /** Items with fewer interactions are left out, once, counted over the same rows as the users'. */
  readonly minItemInteractions: number | null;
  /** Users and items with fewer interactions are left out until none is left. */
  readonly core: number | null;
}

export interface Filtered {
  /** Rows kept, in their order. */
  readonly rows: Int32Array;
  readonly belowRating: number;
  readonly duplicates: number;
}

type Pairs = Pick<InteractionTable, "user" | "item" | "rating" | "users" | "items">;

/**
 * Leaves out low ratings, then repeated (user, item) pairs (the first is kept, so that a pair stays when any of its events
 * passes), then users and items with few interactions.
 */
export function filterInteractions(table: Pairs, filters: Filters): Filtered {
  const all = rowNumbers(table.user.length);
  const { rating } = table;
  const { minRating } = filters;
  const rated = minRating === null || !rating ? all : rowsWhere(all, (row) => (rating[row] as number) >= minRating);
  const distinct = withoutDuplicates(table, rated);
  const once = filterOnce(table, distinct, filters.minInteractions ?? 0, filters.minItemInteractions ?? 0);
  return {
    rows: filters.core === null ? once : coreOf(table, once, filters.core),
    belowRating: all.length - rated.length,
    duplicates: rated.length - distinct.length,
  };
}

/** First row of each pair among some rows. */
function withoutDuplicates(table: Pairs, rows: Int32Array): Int32Array {
  const whole = rows.length === table.user.length;
  const pairs = whole
    ? table
    : {
        user: rows.map((row) => table.user[row] as number),
        item: rows.map((row) => table.item[row] as number),
      };
  const [first] = firstPairs([pairs], table);
  return first && first.repeated > 0 ? first.rows.map((at) => rows[at] as number) : rows;
}

function countsOf(ids: Int32Array, rows: Int32Array, size: number): Int32Array {
  const counts = new Int32Array(size);
  for (const row of rows) {
    const id = ids[row] as number;
    counts[id] = (counts[id] as number) + 1;
  }
  return counts;
}

function filterOnce(table: Pairs, rows: Int32Array, minUser: number, minItem: number): Int32Array {
  if (minUser <= 1 && minItem <= 1) return rows;
  const ofUser = countsOf(table.user, rows, table.users);
  const ofItem = countsOf(table.item, rows, table.items);
  return rowsWhere(
    rows,
    (row) =>
      (ofUser[table.user[row] as number] as number) >= minUser &&
      (ofItem[table.item[row] as number] as number) >= minItem,
  );
}

function coreOf(table: Pairs, rows: Int32Array, core: number): Int32Array {
  let kept = rows;
  for (;;) {
    const next = filterOnce(table, kept, core, core);
    if (next.length === kept.length) return kept;
    kept = next;
  }
}

/** Numbers the ids that are left from 0, in the order in which they first appear in `rows`. */
export function renumber(ids: Int32Array, rows: Int32Array, size: number): { to: Int32Array; kept: Int32Array } {
  const to = new Int32Array(size).fill(-1);
  const kept = new Int32Array(size);
  let count = 0;
  for (const row of rows) {
    const id = ids[row] as number;
    if (to[id] !== -1) continue;
    to[id] = count;
    kept[count++] = id;
  }
  return { to, kept: kept.slice(0, count) };
}
