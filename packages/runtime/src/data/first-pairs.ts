import type { InteractionTable } from "@kdp/plugin-api";
import { rowNumbers, rowsByGroup, rowsWhere } from "../tables/interactions.js";

export interface FirstPairs {
  /** Rows whose pair of user and item did not come before, in their order. */
  readonly rows: Int32Array;
  /** Rows whose pair came before in the same table. */
  readonly repeated: number;
  /** Rows whose pair came in an earlier table. */
  readonly overlapping: number;
}

type Pairs = Pick<InteractionTable, "user" | "item">;

/** Finds the first row of each pair over several tables, in linear time: group by user, stamp the items seen. */
export function firstPairs(
  tables: readonly Pairs[],
  { users, items }: Pick<InteractionTable, "users" | "items">,
): FirstPairs[] {
  const grouped = tables.map((table) => rowsByGroup(table.user, users));
  const dropped = tables.map((table) => new Uint8Array(table.user.length));
  const counts = tables.map(() => ({ repeated: 0, overlapping: 0 }));
  const seenBy = new Int32Array(items).fill(-1);
  const seenIn = new Int32Array(items);
  for (let user = 0; user < users; user++) {
    grouped.forEach(({ offsets, rows }, t) => {
      const item = (tables[t] as Pairs).item;
      for (let at = offsets[user] as number; at < (offsets[user + 1] as number); at++) {
        const row = rows[at] as number;
        const id = item[row] as number;
        if (seenBy[id] !== user) {
          seenBy[id] = user;
          seenIn[id] = t;
          continue;
        }
        (dropped[t] as Uint8Array)[row] = 1;
        const count = counts[t] as { repeated: number; overlapping: number };
        if (seenIn[id] === t) count.repeated++;
        else count.overlapping++;
      }
    });
  }
  return tables.map((table, t) => ({
    rows: rowsWhere(rowNumbers(table.user.length), (row) => (dropped[t] as Uint8Array)[row] === 0),
    ...(counts[t] as { repeated: number; overlapping: number }),
  }));
}
