/** Signature of the compiled kernels: addresses, sizes and factors, all plain numbers. See `assembly/`. */
type Kernel = (...args: number[]) => number;

const NAMES = [
  "adagrad",
  "adam",
  "bpr",
  "dotLists",
  "dotListsGrad",
  "firstIdOutside",
  "firstListIdOutside",
  "gatherRows",
  "gemm",
  "lazyAdam",
  "normalizeRows",
  "normalizeRowsGrad",
  "plackettLuce",
  "rankCounts",
  "scatterAddRows",
  "sgd",
  "spmm",
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
