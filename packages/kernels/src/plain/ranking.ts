import type { RawPart } from "../raw-kernels.js";
import { dotInOrder } from "./dot.js";

type RankingKernels = RawPart<"topK" | "rankCounts">;

/** Ranking by sorting every user's scores. Scores have the bits of the compiled kernels, so lists and ties are equal. */
export const plainRanking: RankingKernels = {
  topK(user, item, cols, items, userIds, n, excludeOffsets, excludeItems, k, outItems, outScores) {
    for (let r = 0; r < n; r++) {
      const u = userIds[r]!;
      const excluded = new Set(excludeItems.subarray(excludeOffsets[u]!, excludeOffsets[u + 1]!));
      const scores = Float32Array.from({ length: items }, (_, i) => dotInOrder(user, u * cols, item, i * cols, cols));
      const order = Array.from(scores.keys())
        .filter((i) => !excluded.has(i) && scores[i]! > -Infinity)
        .sort((a, b) => scores[b]! - scores[a]! || a - b);
      for (let c = 0; c < k; c++) {
        const id = order[c] ?? -1;
        outItems[r * k + c] = id;
        outScores[r * k + c] = id < 0 ? -Infinity : scores[id]!;
      }
    }
  },
  rankCounts(user, item, cols, items, userIds, targetOffsets, targets, n, excludeOffsets, excludeItems, above, ties) {
    for (let r = 0; r < n; r++) {
      const u = userIds[r]!;
      const excluded = new Set(excludeItems.subarray(excludeOffsets[u]!, excludeOffsets[u + 1]!));
      const scores = Float32Array.from({ length: items }, (_, i) => dotInOrder(user, u * cols, item, i * cols, cols));
      for (let q = targetOffsets[r]!; q < targetOffsets[r + 1]!; q++) {
        const target = targets[q]!;
        const score = scores[target]!;
        above[q] = 0;
        ties[q] = 0;
        for (let i = 0; i < items; i++) {
          if (i === target || excluded.has(i)) continue;
          if (scores[i]! > score || Number.isNaN(score)) above[q]!++;
          else if (scores[i]! === score) ties[q]!++;
        }
      }
    }
  },
};
