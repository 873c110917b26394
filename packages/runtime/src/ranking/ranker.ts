import type { Kernels } from "@kdp/plugin-api";

/** Name of the fact that says on which device a stored result was ranked; there is none where it was the CPU. */
export const RANKED_ON = "ranked_on";

/**
 * Ranks by inner products: arguments and results are those of the CPU's kernels, bit for bit, whatever computes. The views must
 * stay allocated, and nothing may write to them, until the promise settles.
 */
export interface Ranker {
  topK(...args: Parameters<Kernels["topK"]>): Promise<void>;
  rankCounts(...args: Parameters<Kernels["rankCounts"]>): Promise<void>;
}

export const cpuRanker = (kernels: Kernels): Ranker => ({
  topK: async (...args) => kernels.topK(...args),
  rankCounts: async (...args) => kernels.rankCounts(...args),
});
