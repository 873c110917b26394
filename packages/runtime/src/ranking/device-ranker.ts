import type { Kernels } from "@kdp/plugin-api";
import type { LoadedDevice } from "@kdp/plugin-api/device";
import { type Ranked, runBlocks } from "./block-pipeline.js";
import { bestLists } from "./rank-best.js";
import { targetCounts } from "./rank-targets.js";
import type { Ranker } from "./ranker.js";
import { scoreErrors } from "./score-errors.js";

/** A ranker on a device, with what it could not decide. */
export interface DeviceRanker extends Ranker {
  /** Users that the CPU ranked after all, so far: scores near each other, or numbers without a bound of their error. */
  readonly again: number;
}

export interface DeviceRankerOptions {
  readonly kernels: Kernels;
  readonly device: LoadedDevice;
  /** Name of the node, for faults. */
  readonly node: string;
  /** Bytes of the scores that the device holds at a time. */
  readonly blockBytes?: number;
}

/**
 * Ranks on a device with the CPU's results: it scores all items of all users, and the CPU looks again at the few whose order its
 * rounding could decide. Users that remain uncertain are ranked by the CPU alone.
 * @returns null for a device that does not rank
 */
export function deviceRanker({ kernels, device, node, blockBytes }: DeviceRankerOptions): DeviceRanker | null {
  const { topK, rankCounts } = device.kernels ?? {};
  if (!topK || !rankCounts) return null;
  let again = 0;
  const size = blockBytes === undefined ? {} : { blockBytes };
  return {
    get again() {
      return again;
    },

    async topK(...args) {
      const [user, item, cols, items, userIds, n, offsets, itemIds, k, outItems, outScores] = args;
      const ranked: Ranked = { user, item, cols, items, userIds: userIds.subarray(0, n), offsets, itemIds };
      const errorOf = boundOf(ranked);
      if (k === 0 || errorOf === null) {
        again += n;
        kernels.topK(...args);
        return;
      }
      const lists = bestLists(kernels, ranked, k, errorOf, outItems, outScores);
      const unsure: number[] = [];
      try {
        await runBlocks(device, node, ranked, {
          ...size,
          start: (block, _, range) => lists.start(topK, block, range),
          finish: (users, parts) => void unsure.push(...lists.finish(users, parts)),
        });
      } finally {
        lists.free();
      }
      again += unsure.length;
      if (unsure.length > 0) topKOf(kernels, args, unsure);
    },

    async rankCounts(...args) {
      const [user, item, cols, items, userIds, targetOffsets, targets, n, offsets, itemIds, above, ties] = args;
      const ranked: Ranked = { user, item, cols, items, userIds: userIds.subarray(0, n), offsets, itemIds };
      const errorOf = boundOf(ranked);
      if (errorOf === null) {
        again += n;
        kernels.rankCounts(...args);
        return;
      }
      const counts = targetCounts(ranked, { offsets: targetOffsets, items: targets }, errorOf, above, ties);
      const unsure: number[] = [];
      await runBlocks(device, node, ranked, {
        ...size,
        divide: (users) => counts.divide(users),
        start: (block, users) => [counts.start(device.tf, rankCounts, block, users)],
        finish: (users, parts) => void unsure.push(...counts.finish(users, parts)),
      });
      again += unsure.length;
      if (unsure.length > 0) rankCountsOf(kernels, args, unsure);
    },
  };
}

const boundOf = ({ user, item, cols, items, userIds }: Ranked): ((user: number) => number) | null =>
  cols === 0 || items === 0 || userIds.length === 0 ? null : scoreErrors(user, item, cols, items, userIds);

/** {@link Kernels.topK} of some of the listed users. */
function topKOf(kernels: Kernels, args: Parameters<Kernels["topK"]>, rows: readonly number[]): void {
  const [user, item, cols, items, userIds, , offsets, itemIds, k, outItems, outScores] = args;
  kernels.scope(() => {
    const ids = kernels.i32From(rows.map((row) => userIds[row] as number));
    const lists = kernels.i32(rows.length * k);
    const scores = kernels.f32(rows.length * k);
    kernels.topK(user, item, cols, items, ids, rows.length, offsets, itemIds, k, lists, scores);
    rows.forEach((row, r) => {
      outItems.set(lists.subarray(r * k, (r + 1) * k), row * k);
      outScores.set(scores.subarray(r * k, (r + 1) * k), row * k);
    });
  });
}

/** {@link Kernels.rankCounts} of some of the listed users. */
function rankCountsOf(kernels: Kernels, args: Parameters<Kernels["rankCounts"]>, rows: readonly number[]): void {
  const [user, item, cols, items, userIds, targetOffsets, targets, , offsets, itemIds, above, ties] = args;
  const own = rows.map((row) => targets.subarray(targetOffsets[row], targetOffsets[row + 1]));
  kernels.scope(() => {
    const ids = kernels.i32From(rows.map((row) => userIds[row] as number));
    const starts = kernels.i32(rows.length + 1);
    own.forEach((list, r) => {
      starts[r + 1] = (starts[r] as number) + list.length;
    });
    const total = starts[rows.length] as number;
    const all = kernels.i32(total);
    own.forEach((list, r) => {
      all.set(list, starts[r]);
    });
    const [more, equal] = [kernels.i32(total), kernels.i32(total)];
    kernels.rankCounts(user, item, cols, items, ids, starts, all, rows.length, offsets, itemIds, more, equal);
    rows.forEach((row, r) => {
      above.set(more.subarray(starts[r], starts[r + 1]), targetOffsets[row]);
      ties.set(equal.subarray(starts[r], starts[r + 1]), targetOffsets[row]);
    });
  });
}
