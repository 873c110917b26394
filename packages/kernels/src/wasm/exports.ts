/** Signature of the compiled kernels: addresses, sizes and factors, all plain numbers. See `assembly/`. */
type Kernel = (...args: number[]) => number;

const NAMES = [
  "adagrad",
  "adam",
  "addBias",
  "addBiasGrad",
  "binaryCrossEntropy",
  "bpr",
  "clipRows",
  "cosineBlocks",
  "cosineCross",
  "dotLists",
  "dotListsGrad",
  "firstIdOutside",
  "firstListIdOutside",
  "gatherRows",
  "gemm",
  "gramF64",
  "gumbelSoftmax",
  "gumbelSoftmaxGrad",
  "help",
  "lazyAdam",
  "metricHinge",
  "mixExperts",
  "mixExpertsGrad",
  "multinomialRows",
  "normalizeRows",
  "normalizeRowsGrad",
  "plackettLuce",
  "randomGumbel",
  "randomWords",
  "rankCounts",
  "restForward",
  "restGrad",
  "restItems",
  "restItemsGrad",
  "sampleByRank",
  "sampleUnlisted",
  "sampleUnlistedSets",
  "scatterAddRows",
  "sgd",
  "softmaxRows",
  "spmm",
  "squaredGaps",
  "sumSquaresF64",
  "topK",
] as const;

export type KernelExports = Readonly<Record<(typeof NAMES)[number], Kernel>>;

/** Checks that a module holds every kernel: a stale build is named as such. */
export function kernelExports(exports: object): KernelExports {
  const missing = NAMES.filter((name) => typeof (exports as Record<string, unknown>)[name] !== "function");
  if (missing.length > 0) {
    throw new Error(
      `kernels.wasm lacks ${missing.join(", ")}: it is older than this code. Run: node packages/kernels/scripts/build.mjs`,
    );
  }
  return exports as KernelExports;
}
