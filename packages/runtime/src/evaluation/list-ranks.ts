import type { Interactions, RankingTable } from "@kdp/plugin-api";
import type { RankCounts, Targets } from "./targets.js";

/**
 * Ranks each held-out item by its place in its user's list, among all items that are not excluded; items that are not listed tie
 * below the list. The same as ranking by `listScorer`, which scores the whole catalogue, at the price of the lists alone.
 */
export function listRanks(ranking: RankingTable, targets: Targets, excluded: Interactions): RankCounts {
  const { k, ids } = ranking;
  const above = new Int32Array(targets.items.length);
  const ties = new Int32Array(targets.items.length);
  const out = new Uint8Array(excluded.items);
  /** 1 + listed candidates above each listed one; 0 for the others. */
  const places = new Int32Array(excluded.items);
  targets.userIds.forEach((user, row) => {
    const [from, to] = [excluded.offsets[user] as number, excluded.offsets[user + 1] as number];
    for (let at = from; at < to; at++) out[excluded.itemIds[at] as number] = 1;
    const list = ids.subarray(user * k, (user + 1) * k).filter((item) => item >= 0 && out[item] === 0);
    list.forEach((item, place) => {
      places[item] = place + 1;
    });
    for (let at = targets.offsets[row] as number; at < (targets.offsets[row + 1] as number); at++) {
      const place = places[targets.items[at] as number] as number;
      above[at] = place === 0 ? list.length : place - 1;
      ties[at] = place === 0 ? excluded.items - (to - from) - list.length - 1 : 0;
    }
    for (let at = from; at < to; at++) out[excluded.itemIds[at] as number] = 0;
    for (const item of list) places[item] = 0;
  });
  return { above, ties };
}
