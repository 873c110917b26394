import type { RawPart } from "../raw-kernels.js";
import { type Guard, rowsOf } from "./guard.js";

type RankingKernels = RawPart<"topK" | "rankCounts">;

export function checkedRanking(guard: Guard, raw: RankingKernels): RankingKernels {
  const tables = (
    kernel: string,
    user: Float32Array,
    item: Float32Array,
    cols: number,
    items: number,
    userIds: Int32Array,
    n: number,
    excludeOffsets: Int32Array,
    excludeItems: Int32Array,
  ): void => {
    guard.count(kernel, "cols", cols);
    guard.count(kernel, "items", items);
    guard.count(kernel, "n", n);
    guard.view(kernel, "user", user, 0);
    guard.view(kernel, "item", item, items * cols);
    guard.excluded(kernel, userIds, n, rowsOf(user, cols), excludeOffsets, excludeItems);
  };
  return {
    topK(user, item, cols, items, userIds, n, excludeOffsets, excludeItems, k, outItems, outScores) {
      tables("topK", user, item, cols, items, userIds, n, excludeOffsets, excludeItems);
      guard.count("topK", "k", k);
      guard.view("topK", "outItems", outItems, n * k);
      guard.view("topK", "outScores", outScores, n * k);
      raw.topK(user, item, cols, items, userIds, n, excludeOffsets, excludeItems, k, outItems, outScores);
    },
    rankCounts(user, item, cols, items, userIds, targetOffsets, targets, n, excludeOffsets, excludeItems, above, ties) {
      tables("rankCounts", user, item, cols, items, userIds, n, excludeOffsets, excludeItems);
      guard.offsets("rankCounts", "targetOffsets", targetOffsets, n, targets.length);
      const last = targetOffsets[n] as number;
      const first = targetOffsets[0] as number;
      guard.ids("rankCounts", "targets", targets.subarray(first, last), last - first, items);
      guard.view("rankCounts", "above", above, last);
      guard.view("rankCounts", "ties", ties, last);
      raw.rankCounts(
        user,
        item,
        cols,
        items,
        userIds,
        targetOffsets,
        targets,
        n,
        excludeOffsets,
        excludeItems,
        above,
        ties,
      );
    },
  };
}
