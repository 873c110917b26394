import { availableParallelism } from "node:os";
import type { Kernels } from "@kdp/plugin-api";
import type { SharedKernels } from "../create-kernels.js";
import { type Call, runCall } from "./protocol.js";
import { createThreadPool } from "./thread-pool.js";

/** Users of one call: enough to make packing the items a small part of it, few enough to share the work evenly. */
const RANGE = 512;

/** {@link Kernels.topK} and {@link Kernels.rankCounts} over several threads. */
export interface RankingPool {
  topK(...args: Parameters<Kernels["topK"]>): Promise<void>;
  rankCounts(...args: Parameters<Kernels["rankCounts"]>): Promise<void>;
  /** Ends the threads. */
  close(): Promise<void>;
}

export interface RankingPoolOptions {
  /** Threads to use; 1 runs everything in the calling thread. Default: as many as the machine has. */
  readonly threads?: number;
}

/**
 * Ranking by ranges of users. Each user's result has the same bits whatever the number of threads. The views must stay
 * allocated, and nothing may write to them, until the promise settles.
 *
 * @example
 * const pool = createRankingPool(kernels, { threads: 2 });
 * await pool.topK(user, item, cols, items, userIds, n, offsets, excluded, 50, outItems, outScores);
 * await pool.close();
 */
export function createRankingPool(kernels: Kernels, options: RankingPoolOptions = {}): RankingPool {
  const threads = Math.max(1, Math.floor(options.threads ?? availableParallelism()));
  const shared = isShared(kernels) && threads > 1 ? createThreadPool(kernels, threads) : null;

  const runAll = async (n: number, callOf: (from: number, to: number) => Call): Promise<void> => {
    if (shared === null || n <= RANGE) {
      runCall(kernels, callOf(0, n));
      return;
    }
    const calls: Promise<void>[] = [];
    for (let from = 0; from < n; from += RANGE) calls.push(shared.run(callOf(from, Math.min(n, from + RANGE))));
    // All must have ended before the caller may free a view, also when one failed.
    const failed = (await Promise.allSettled(calls)).find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };

  return {
    topK: (...args) => runAll(args[5], (from, to) => topKRange(args, from, to)),
    rankCounts: (...args) => runAll(args[7], (from, to) => rankCountsRange(args, from, to)),
    close: async () => shared?.close(),
  };
}

const isShared = (kernels: Kernels): kernels is SharedKernels => kernels.name === "wasm" && "memory" in kernels;

function topKRange(args: Parameters<Kernels["topK"]>, from: number, to: number): Call {
  const [user, item, cols, items, userIds, , excludeOffsets, excludeItems, k, outItems, outScores] = args;
  const [ids, lists, scores] = [
    userIds.subarray(from, to),
    outItems.subarray(from * k, to * k),
    outScores.subarray(from * k, to * k),
  ];
  return {
    kernel: "topK",
    args: [user, item, cols, items, ids, to - from, excludeOffsets, excludeItems, k, lists, scores],
  };
}

function rankCountsRange(args: Parameters<Kernels["rankCounts"]>, from: number, to: number): Call {
  const [user, item, cols, items, userIds, targetOffsets, targets, , excludeOffsets, excludeItems, above, ties] = args;
  const [ids, offsets] = [userIds.subarray(from, to), targetOffsets.subarray(from, to + 1)];
  return {
    kernel: "rankCounts",
    args: [user, item, cols, items, ids, offsets, targets, to - from, excludeOffsets, excludeItems, above, ties],
  };
}
