import type { Kernels } from "@kdp/plugin-api";
import type { MemoryApi } from "./memory/kernel-memory.js";

/** The arithmetic of {@link Kernels}: its arguments were checked before. */
export type RawKernels = Omit<Kernels, keyof MemoryApi | "name"> & {
  /** Position of the first id that is not in [0, limit), or -1. */
  firstIdOutside(ids: Int32Array, n: number, limit: number): number;
  /** The same where negative ids are padding. */
  firstListIdOutside(ids: Int32Array, n: number, limit: number): number;
};

export type RawPart<Names extends keyof RawKernels> = Pick<RawKernels, Names>;
