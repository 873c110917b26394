import type { RandomStream } from "@kdp/plugin-api";

const HALF_STEP = 2 ** -33;
/** Keeps every key finite where a weight underflows; it never decides a draw. */
const LEAST_WEIGHT = 1e-300;

/** Draws positions without replacement, each next one with probability proportional to its weight. */
export interface WeightedSampler {
  /**
   * Writes `count` distinct positions of `0 .. pool - 1` to `out[at ..]`, ascending. `count >= pool` gives all of them.
   * @returns how many were written
   */
  draw(stream: RandomStream, weights: Float64Array, pool: number, count: number, out: Int32Array, at: number): number;
}

/**
 * Equivalent to taking the `count` smallest of the exponential keys E / w over the whole pool; keys that cannot enter are
 * jumped over (Efraimidis & Spirakis 2006, A-ExpJ), so that 40 of 500 by rank cost little more than 40 draws.
 * @param longest largest pool that will be asked for
 */
export function weightedSampler(longest: number): WeightedSampler {
  const exponential = (stream: RandomStream) => -Math.log(stream.uniform() + HALF_STEP);
  const weightAt = (weights: Float64Array, r: number) => Math.max(weights[r]!, LEAST_WEIGHT);
  // A max-heap on `key` of the positions drawn so far.
  const key = new Float64Array(longest);
  const heap = new Int32Array(longest);
  // The drawn positions as a bitmap: listing them ascending costs less than sorting them.
  const words = new Int32Array((longest >>> 5) + 1);

  function sink(root: number, size: number): void {
    const position = heap[root]!;
    const value = key[position]!;
    let hole = root;
    for (let child = 2 * hole + 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && key[heap[child + 1]!]! > key[heap[child]!]!) child++;
      if (key[heap[child]!]! <= value) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = position;
  }

  return {
    draw(stream, weights, pool, count, out, at) {
      const n = Math.min(count, pool);
      if (n <= 0) return 0;
      for (let r = 0; r < n; r++) {
        heap[r] = r;
        key[r] = exponential(stream) / weightAt(weights, r);
      }
      if (n < pool) {
        for (let r = (n >> 1) - 1; r >= 0; r--) sink(r, n);
        let jump = exponential(stream) / key[heap[0]!]!;
        for (let r = n; r < pool; r++) {
          const weight = weightAt(weights, r);
          jump -= weight;
          if (jump > 0) continue;
          // The newcomer's key, given that it lies below the threshold it displaces.
          const below = -Math.expm1(-key[heap[0]!]! * weight);
          key[r] = -Math.log1p(-(stream.uniform() + HALF_STEP) * below) / weight;
          heap[0] = r;
          sink(0, n);
          jump = exponential(stream) / key[heap[0]!]!;
        }
      }
      for (let i = 0; i < n; i++) {
        const r = heap[i]!;
        words[r >>> 5] = words[r >>> 5]! | (1 << (r & 31));
      }
      for (let w = 0, to = at; to < at + n; w++) {
        for (let bits = words[w]!; bits !== 0; bits &= bits - 1) out[to++] = (w << 5) | (31 - Math.clz32(bits & -bits));
        words[w] = 0;
      }
      return n;
    },
  };
}
