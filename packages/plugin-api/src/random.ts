import type { RandomKey } from "./sampling-kernels.js";

/**
 * A named, counter-based stream of random numbers (`docs/decisions`, random streams). The same name and seed give the
 * same numbers whatever else runs, in whatever order.
 */
export interface RandomStream {
  /**
   * What names the stream, for kernels that draw whole arrays from it. The stream's own numbers are lane 0; other lanes are
   * independent of it and of each other. Absent where a stream is not counter-based (test doubles).
   */
  readonly key?: RandomKey;
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Uniform integer in [0, bound). @throws RangeError unless 1 <= bound <= 2^31. */
  below(bound: number): number;
  /** Standard normal. */
  normal(): number;
  /** Fills `out` with standard normals times `scale`. */
  fillNormal(out: Float32Array, scale: number): void;
  fillUniform(out: Float32Array, low: number, high: number): void;
  /** Fisher–Yates permutation in place. */
  shuffle(values: Int32Array): void;
}

/** What a stream is for. Streams of different purpose are independent. */
export type Purpose = "init" | "shuffle" | "negatives" | "sampling" | "gumbel" | "dropout" | "candidates" | "split";

/** Hands out the streams of one node; the seed and the stage family (or loss and its position) are already bound. */
export interface Streams {
  stream(purpose: Purpose, epoch: number): RandomStream;
}
