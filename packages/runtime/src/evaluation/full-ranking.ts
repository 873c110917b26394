import type { Interactions, Kernels, Scorer } from "@kdp/plugin-api";
import type { Ranker } from "../ranking/ranker.js";
import { checkFactors, checkScores } from "./finite-scores.js";
import type { RankCounter, Targets } from "./targets.js";

/** Users whose scores of all items are held at a time when a model has no factors. */
const BLOCK_USERS = 64;

/** Ranks each held-out item among all items that are not excluded. */
export function fullRanking(
  kernels: Kernels,
  ranker: Ranker,
  targets: Targets,
  excluded: Interactions,
  node: string,
): RankCounter {
  const offsets = kernels.i32From(excluded.offsets);
  const excludedItems = kernels.i32From(excluded.itemIds);
  const above = kernels.i32(targets.items.length);
  const ties = kernels.i32(targets.items.length);
  const n = targets.userIds.length;

  function countBlock(scorer: Scorer & { readonly kind: "block" }): void {
    kernels.scope(() => {
      const block = kernels.f32(Math.min(BLOCK_USERS, n) * excluded.items);
      const ids = kernels.i32(BLOCK_USERS);
      for (let from = 0; from < n; from += BLOCK_USERS) {
        const size = Math.min(BLOCK_USERS, n - from);
        ids.set(targets.userIds.subarray(from, from + size));
        scorer.scoreUsers(ids.subarray(0, size), size, block);
        for (let r = 0; r < size; r++) {
          countRow(from + r, block.subarray(r * excluded.items, (r + 1) * excluded.items));
        }
      }
    });
  }

  function countRow(row: number, scores: Float32Array): void {
    const user = targets.userIds[row] as number;
    checkScores(scores, user, node);
    // NaN is neither above nor equal to anything.
    for (let at = offsets[user] as number; at < (offsets[user + 1] as number); at++) {
      scores[excludedItems[at] as number] = Number.NaN;
    }
    for (let at = targets.offsets[row] as number; at < (targets.offsets[row + 1] as number); at++) {
      const own = scores[targets.items[at] as number] as number;
      let better = 0;
      let equal = -1;
      for (const score of scores) {
        if (score > own) better++;
        else if (score === own) equal++;
      }
      above[at] = better;
      ties[at] = equal;
    }
  }

  return async (scorer) => {
    if (scorer.kind === "block") countBlock(scorer);
    else {
      checkFactors(scorer, node);
      const { user, item, cols } = scorer;
      const { userIds, offsets: starts, items } = targets;
      await ranker.rankCounts(
        user,
        item,
        cols,
        excluded.items,
        userIds,
        starts,
        items,
        n,
        offsets,
        excludedItems,
        above,
        ties,
      );
    }
    return { above, ties };
  };
}
