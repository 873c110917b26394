import type { Kernels, Scorer } from "@kdp/plugin-api";
import { checkFactors, checkScores } from "./finite-scores.js";
import type { CandidateLists } from "./sampled-candidates.js";
import type { RankCounter, Targets } from "./targets.js";

const BLOCK_USERS = 64;

/** Ranks each held-out item among the user's other held-out items and the sampled candidates. */
export function sampledRanking(
  kernels: Kernels,
  targets: Targets,
  candidates: CandidateLists,
  items: number,
  node: string,
): RankCounter {
  const n = targets.userIds.length;
  const length = (row: number) => (targets.offsets[row + 1] as number) - (targets.offsets[row] as number);
  const longest = targets.userIds.reduce((most, _, row) => Math.max(most, length(row)), 0);
  const width = longest + candidates.count;
  const above = new Int32Array(targets.items.length);
  const ties = new Int32Array(targets.items.length);

  /** Held-out items of a row, then its candidates, then padding. */
  function fill(row: number, list: Int32Array): void {
    const own = targets.items.subarray(targets.offsets[row], targets.offsets[row + 1]);
    list.fill(-1);
    list.set(own);
    list.set(candidates.items.subarray(row * candidates.count, (row + 1) * candidates.count), own.length);
  }

  function count(row: number, scores: Float32Array): void {
    for (let t = 0; t < length(row); t++) {
      const own = scores[t] as number;
      let better = 0;
      let equal = -1;
      for (const score of scores) {
        if (score > own) better++;
        else if (score === own) equal++;
      }
      above[(targets.offsets[row] as number) + t] = better;
      ties[(targets.offsets[row] as number) + t] = equal;
    }
  }

  return (scorer) => {
    if (scorer.kind === "dot") checkFactors(scorer, node);
    kernels.scope(() => {
      const score = scorer.kind === "dot" ? dotScores(kernels, scorer) : blockScores(kernels, scorer, items, node);
      const lists = kernels.i32(BLOCK_USERS * width);
      const scores = kernels.f32(BLOCK_USERS * width);
      const ids = kernels.i32(BLOCK_USERS);
      for (let from = 0; from < n; from += BLOCK_USERS) {
        const size = Math.min(BLOCK_USERS, n - from);
        ids.set(targets.userIds.subarray(from, from + size));
        for (let r = 0; r < size; r++) fill(from + r, lists.subarray(r * width, (r + 1) * width));
        score(ids, lists, size, width, scores);
        for (let r = 0; r < size; r++) {
          const listed = length(from + r) + candidates.count;
          count(from + r, scores.subarray(r * width, r * width + listed));
        }
      }
    });
    return { above, ties };
  };
}

/** Writes scores `[size, width]` of listed items; padding scores -Infinity. */
type ListScores = (ids: Int32Array, lists: Int32Array, size: number, width: number, out: Float32Array) => void;

const dotScores =
  (kernels: Kernels, { user, item, cols }: Scorer & { readonly kind: "dot" }): ListScores =>
  (ids, lists, size, width, out) =>
    kernels.dotLists(user, item, cols, ids, lists, size, width, out);

function blockScores(
  kernels: Kernels,
  scorer: Scorer & { readonly kind: "block" },
  items: number,
  node: string,
): ListScores {
  const block = kernels.f32(BLOCK_USERS * items);
  return (ids, lists, size, width, out) => {
    scorer.scoreUsers(ids.subarray(0, size), size, block);
    for (let r = 0; r < size; r++) {
      const scores = block.subarray(r * items, (r + 1) * items);
      checkScores(scores, ids[r] as number, node);
      for (let c = r * width; c < (r + 1) * width; c++) {
        const item = lists[c] as number;
        out[c] = item < 0 ? Number.NEGATIVE_INFINITY : (scores[item] as number);
      }
    }
  };
}
