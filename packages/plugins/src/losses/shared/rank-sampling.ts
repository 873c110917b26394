import type { RandomStream } from "@kdp/plugin-api";

const HALF_STEP = 2 ** -33;

/** Draws positions of a ranked list without replacement, better ranks more often. */
export interface RankSampler {
  /**
   * Writes `count` distinct positions of `0 .. pool - 1` to `out[at ..]`, ascending, so that the drawn list keeps the
   * teacher's order. `count >= pool` gives all of them.
   * @returns how many were written
   */
  draw(stream: RandomStream, pool: number, count: number, out: Int32Array, at: number): number;
}

/**
 * Sampling with p(r) ∝ e^(-r / temperature) (RRD, Kang et al., CIKM 2020). Equivalent to taking the `count` smallest of
 * the exponential keys E_r e^(r/T) over the whole pool; keys that cannot enter are jumped over (Efraimidis & Spirakis 2006,
 * A-ExpJ), so that a list of 500 costs little more than its 40 draws, without truncating the tail.
 * @param longest largest pool that will be asked for
 */
export function rankExpSampler(longest: number, temperature: number): RankSampler {
  // The floor keeps every key finite where e^(-r/T) underflows; it never decides a draw.
  const weight = Float64Array.from({ length: longest }, (_, r) => Math.max(Math.exp(-r / temperature), 1e-300));
  const exponential = (stream: RandomStream) => -Math.log(stream.uniform() + HALF_STEP);
  // A max-heap on `key` of the positions drawn so far.
  const key = new Float64Array(longest);
  const heap = new Int32Array(longest);

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
    draw(stream, pool, count, out, at) {
      const n = Math.min(count, pool);
      if (n <= 0) return 0;
      for (let r = 0; r < n; r++) {
        heap[r] = r;
        key[r] = exponential(stream) / weight[r]!;
      }
      if (n < pool) {
        for (let r = (n >> 1) - 1; r >= 0; r--) sink(r, n);
        let jump = exponential(stream) / key[heap[0]!]!;
        for (let r = n; r < pool; r++) {
          jump -= weight[r]!;
          if (jump > 0) continue;
          // The newcomer's key, given that it lies below the threshold it displaces.
          const threshold = key[heap[0]!]!;
          const below = -Math.expm1(-threshold * weight[r]!);
          key[r] = -Math.log1p(-(stream.uniform() + HALF_STEP) * below) / weight[r]!;
          heap[0] = r;
          sink(0, n);
          jump = exponential(stream) / key[heap[0]!]!;
        }
      }
      out.set(heap.subarray(0, n), at);
      out.subarray(at, at + n).sort();
      return n;
    },
  };
}

/** The first `count` positions, as they stand: the authors' later advice for RRD, "no sampling of top items". */
export const topSampler: RankSampler = {
  draw(_stream, pool, count, out, at) {
    const n = Math.min(count, pool);
    for (let r = 0; r < n; r++) out[at + r] = r;
    return n;
  },
};
