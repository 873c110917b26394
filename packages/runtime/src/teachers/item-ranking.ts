import type { Interactions, Kernels, RankingTable, Scorer } from "@kdp/plugin-api";
import type { Ranker } from "../ranking/ranker.js";
import { transpose } from "../tables/interactions.js";
import { rankAll } from "../training/scorer-ranking.js";

const BLOCK_USERS = 64;

/** The `k` best users of each item, those who interacted with it in training left out; ties by smaller user id. */
export async function rankUsersOfItems(
  scorer: Scorer,
  kernels: Kernels,
  ranker: Ranker,
  train: Interactions,
  k: number,
): Promise<RankingTable> {
  if (scorer.kind === "block") return rankByBlocks(scorer, kernels, train, k);
  // Inner products are symmetric: users and items change places.
  const swapped: Scorer = { kind: "dot", user: scorer.item, item: scorer.user, cols: scorer.cols };
  return rankAll(kernels, ranker, transpose(train), swapped, k);
}

function rankByBlocks(
  scorer: Scorer & { readonly kind: "block" },
  kernels: Kernels,
  train: Interactions,
  k: number,
): RankingTable {
  const { users, items } = train;
  const ids = new Int32Array(items * k).fill(-1);
  const scores = new Float32Array(items * k).fill(Number.NEGATIVE_INFINITY);
  kernels.scope(() => {
    const block = kernels.f32(Math.min(BLOCK_USERS, users) * items);
    const rows = kernels.i32(BLOCK_USERS);
    for (let from = 0; from < users; from += BLOCK_USERS) {
      const n = Math.min(BLOCK_USERS, users - from);
      for (let r = 0; r < n; r++) rows[r] = from + r;
      scorer.scoreUsers(rows.subarray(0, n), n, block);
      for (let r = 0; r < n; r++) {
        const own = block.subarray(r * items, (r + 1) * items);
        const user = from + r;
        for (let at = train.offsets[user] as number; at < (train.offsets[user + 1] as number); at++) {
          own[train.itemIds[at] as number] = Number.NEGATIVE_INFINITY;
        }
        for (let item = 0; item < items; item++) insert(ids, scores, item * k, k, user, own[item] as number);
      }
    }
  });
  return { rows: items, k, ids, scores };
}

/** Keeps the best `k` of a row in order. Users come in ascending order, so an equal score goes behind those that are there. */
function insert(ids: Int32Array, scores: Float32Array, from: number, k: number, user: number, score: number): void {
  let at = from + k - 1;
  if (!(score > (scores[at] as number))) return;
  for (; at > from && score > (scores[at - 1] as number); at--) {
    scores[at] = scores[at - 1] as number;
    ids[at] = ids[at - 1] as number;
  }
  scores[at] = score;
  ids[at] = user;
}
