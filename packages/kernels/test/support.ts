import type { Kernels } from "@kdp/plugin-api";
import { expect } from "vitest";
import { createKernels, createPlainKernels, type SharedKernels } from "../src/index.js";

/** Both implementations; the compiled one must be there, or the comparison would be of the oracle with itself. */
export async function bothKernels(): Promise<{ wasm: Kernels; plain: Kernels }> {
  const wasm = await createKernels();
  expect(wasm.name).toBe("wasm");
  return { wasm, plain: createPlainKernels() };
}

/** Small deterministic generator of test data (mulberry32). */
export function numbers(seed: number): { uniform(): number; normal(): number; below(bound: number): number } {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    below: (bound) => Math.floor(uniform() * bound),
  };
}

export const normals = (seed: number, length: number, scale = 1): Float32Array => {
  const random = numbers(seed);
  return Float32Array.from({ length }, () => random.normal() * scale);
};

/** Fast to make, and with the rounding of any sum of products. */
export const noise = (seed: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin((i + 1) * (seed + 1.37)));

/** The bits of views, for a comparison that is one call: matchers walk arrays number by number. */
export const bitsOf = (views: readonly (Float32Array | Int32Array)[]): Buffer =>
  Buffer.concat(views.map((view) => Buffer.from(view.slice().buffer)));

/** The bits of what a body returns must be those of one thread with every number of them. */
export function sameBitsOnThreads(k: SharedKernels, body: () => Parameters<typeof bitsOf>[0]): void {
  const results = [1, 2, 3, 4].map((threads) => {
    k.team?.grant(threads);
    return k.scope(() => bitsOf(body()));
  });
  expect(results.map((bits) => bits.equals(results[0] as Buffer))).toEqual([true, true, true, true]);
}

/** Multiples of 1/8: float32 adds up products of a few of them exactly, so that no sign depends on rounding. */
export const eighths = (seed: number, length: number): Float32Array =>
  normals(seed, length).map((x) => Math.round(8 * x) / 8);

export const ids = (seed: number, length: number, bound: number): Int32Array => {
  const random = numbers(seed);
  return Int32Array.from({ length }, () => random.below(bound));
};

/** |actual - expected| <= tolerance * (1 + |expected|) for every number; NaN only beside NaN. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i] as number;
    const b = expected[i] as number;
    if (Object.is(a, b) || a === b) continue;
    if (!(Math.abs(a - b) <= tolerance * (1 + Math.abs(b)))) {
      expect.fail(`[${i}] is ${a}, expected ${b} (difference ${a - b}, tolerance ${tolerance})`);
    }
  }
}

type Result = Float32Array | Float64Array | Int32Array | number;

/** Runs the same body on both implementations and compares the arrays and numbers that it returns. */
export type Compare = (tolerance: number, body: (k: Kernels) => Result[]) => void;

export const comparison =
  (wasm: Kernels, plain: Kernels): Compare =>
  (tolerance, body) => {
    const run = (k: Kernels): ArrayLike<number>[] =>
      k.scope(() => body(k).map((r) => (typeof r === "number" ? Float64Array.of(r) : r.slice())));
    const expected = run(plain);
    run(wasm).forEach((result, i) => {
      expectClose(result, expected[i] as ArrayLike<number>, tolerance);
    });
  };

/** CSR with ascending, distinct columns in each row. */
export function csr(
  seed: number,
  rows: number,
  columns: number,
  mean: number,
): { offsets: Int32Array; columns: Int32Array } {
  const random = numbers(seed);
  const offsets = new Int32Array(rows + 1);
  const list: number[] = [];
  for (let r = 0; r < rows; r++) {
    const row = new Set<number>();
    for (let q = random.below(2 * mean + 1); q > 0 && columns > 0; q--) row.add(random.below(columns));
    list.push(...[...row].sort((a, b) => a - b));
    offsets[r + 1] = list.length;
  }
  return { offsets, columns: Int32Array.from(list) };
}
