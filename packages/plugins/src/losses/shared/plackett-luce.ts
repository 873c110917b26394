import type { Tf } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";

/** log(e^a + e^b) with the right gradient at a = b, where the usual max form splits it unevenly. */
const logAddExp = (tf: Tf, a: Tensor2D, b: Tensor2D): Tensor2D => tf.add(b, tf.softplus(tf.sub(a, b)));

/**
 * Suffix sums in log space along a row: `out[b, k] = log Σ_{j >= k} e^{x[b, j]}`, by doubling, so that neither a wide
 * range of scores nor a large score under- or overflows.
 */
function reverseLogCumSumExp(tf: Tf, x: Tensor2D): Tensor2D {
  const [rows, cols] = x.shape;
  let sums = x;
  for (let shift = 1; shift < cols; shift *= 2) {
    const near = tf.slice(sums, [0, 0], [rows, cols - shift]);
    const far = tf.slice(sums, [0, shift], [rows, cols - shift]);
    const last = tf.slice(sums, [0, cols - shift], [rows, shift]);
    sums = tf.concat([logAddExp(tf, near, far), last], 1);
  }
  return sums;
}

/**
 * Relaxed Plackett–Luce of RRD (Kang et al., CIKM 2020): the negative log-likelihood that the first `k` scores of each row
 * stand in the given order, all above the rest, whose own order is free.
 *
 * PL = -Σ_b Σ_{j<k} ( s_bj - log( Σ_{j<=i<k} e^{s_bi} + Σ_{i>=k} e^{s_bi} ) ), summed over rows.
 * @param scores `[rows, k + l]`, the first `k` best first, the last `l` unordered; `l` may be 0
 */
export function plackettLuce(tf: Tf, scores: Tensor2D, k: number): Scalar {
  const [rows, cols] = scores.shape;
  const ordered = tf.slice(scores, [0, 0], [rows, k]);
  const tail =
    cols > k
      ? tf.concat([ordered, tf.logSumExp(tf.slice(scores, [0, k], [rows, cols - k]), 1, true) as Tensor2D], 1)
      : ordered;
  const mass = tf.slice(reverseLogCumSumExp(tf, tail), [0, 0], [rows, k]);
  return tf.sum(tf.sub(mass, ordered));
}
