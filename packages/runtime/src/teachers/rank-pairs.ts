import type { Interactions, RankingTable, TeacherTables } from "@kdp/plugin-api";
import { rowNumbers, rowsByGroup } from "../tables/interactions.js";

export interface RankedPairs {
  readonly ranking: RankingTable;
  /** Pairs whose user or item is not of the universe. */
  readonly unknown: number;
  /** Pairs of training: no item that was seen is recommended. */
  readonly seen: number;
  /** Pairs that came a second time; the better one is kept. */
  readonly repeated: number;
  /** Users without any pair left, and users whose list is shorter than the longest. */
  readonly usersWithout: number;
  readonly shortLists: number;
  /** Users with two or more items that all score alike: their order is that of the file. */
  readonly flatUsers: number;
}

/**
 * Makes each user's list of scored pairs: best first, equal scores in the order of the file, training items left out.
 * The lists are as long as the longest, `top` at most.
 */
export function rankPairs(pairs: NonNullable<TeacherTables["pairs"]>, train: Interactions, top: number): RankedPairs {
  const { users, items } = train;
  const known = rowNumbers(pairs.user.length).filter((at) => pairs.user[at] !== -1 && pairs.item[at] !== -1);
  const grouped = rowsByGroup(
    known.map((at) => pairs.user[at] as number),
    users,
  );
  const seenBy = new Int32Array(items).fill(-1);
  const lists: Int32Array[] = [];
  const counts = { seen: 0, repeated: 0, flatUsers: 0 };
  for (let user = 0; user < users; user++) {
    const own = known.length === 0 ? [] : grouped.rows.subarray(grouped.offsets[user], grouped.offsets[user + 1]);
    const order = Array.from(own, (row) => known[row] as number);
    order.sort((a, b) => (pairs.score[b] as number) - (pairs.score[a] as number) || a - b);
    lists.push(keepNew(user, order, pairs, train, seenBy, counts, top));
  }
  const k = lists.reduce((most, list) => Math.max(most, list.length), 1);
  const ids = new Int32Array(users * k).fill(-1);
  const scores = new Float32Array(users * k).fill(Number.NEGATIVE_INFINITY);
  lists.forEach((list, user) => {
    list.forEach((at, place) => {
      ids[user * k + place] = pairs.item[at] as number;
      scores[user * k + place] = pairs.score[at] as number;
    });
  });
  return {
    ranking: { rows: users, k, ids, scores },
    unknown: pairs.user.length - known.length,
    ...counts,
    usersWithout: lists.filter((list) => list.length === 0).length,
    shortLists: lists.filter((list) => list.length > 0 && list.length < k).length,
  };
}

function keepNew(
  user: number,
  order: readonly number[],
  pairs: NonNullable<TeacherTables["pairs"]>,
  train: Interactions,
  seenBy: Int32Array,
  counts: { seen: number; repeated: number; flatUsers: number },
  top: number,
): Int32Array {
  const trained = new Set(train.itemIds.subarray(train.offsets[user], train.offsets[user + 1]));
  const kept: number[] = [];
  for (const at of order) {
    const item = pairs.item[at] as number;
    if (trained.has(item)) counts.seen++;
    else if (seenBy[item] === user) counts.repeated++;
    else {
      seenBy[item] = user;
      kept.push(at);
    }
  }
  const [first, last] = [kept[0], kept.at(-1)];
  if (kept.length > 1 && pairs.score[first as number] === pairs.score[last as number]) counts.flatUsers++;
  return Int32Array.from(kept.slice(0, top));
}
