import type { RandomStream } from "@kdp/plugin-api";
import { weightedSampler } from "./weighted-sampling.js";

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
 * Sampling with p(r) ∝ e^(-r / temperature) (RRD, Kang et al., CIKM 2020), over the whole pool, without truncating its tail.
 * @param longest largest pool that will be asked for
 */
export function rankExpSampler(longest: number, temperature: number): RankSampler {
  const weights = Float64Array.from({ length: longest }, (_, r) => Math.exp(-r / temperature));
  const sampler = weightedSampler(longest);
  return { draw: (stream, pool, count, out, at) => sampler.draw(stream, weights, pool, count, out, at) };
}

/** The first `count` positions, as they stand: the authors' later advice for RRD, "no sampling of top items". */
export const topSampler: RankSampler = {
  draw(_stream, pool, count, out, at) {
    const n = Math.min(count, pool);
    for (let r = 0; r < n; r++) out[at + r] = r;
    return n;
  },
};

/** Single draws of a rank of `0 .. pool - 1` with p(r) ∝ e^(-r / temperature), by inversion. */
export function expRankDraw(pool: number, temperature: number): (stream: RandomStream) => number {
  // P(rank < r) = (1 - e^(-r/T)) / (1 - e^(-pool/T)), solved for r.
  const whole = -Math.expm1(-pool / temperature);
  return (stream) => Math.min(pool - 1, Math.floor(-temperature * Math.log1p(-stream.uniform() * whole)));
}
