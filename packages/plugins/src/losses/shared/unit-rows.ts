import type { Kernels, Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";

/** Rows that are not longer than this have no direction. */
const NORM_FLOOR = 1e-12;

/**
 * Rows of length one. A row of zeros has no direction: it stays one, so that its cosine with everything is 0 instead of 0 / 0,
 * and has no gradient, which would be that of a division by nearly nothing.
 * @param x `[n, cols]`
 */
export function unitTensor(tf: Tf, x: Tensor2D): Tensor2D {
  const square = tf.sum(tf.square(x), 1, true);
  const floor = NORM_FLOOR ** 2;
  // A comparison has no gradient in TensorFlow.js, a step has: zero.
  const directed = tf.step(tf.sub(square, floor));
  return tf.div(tf.mul(x, directed), tf.sqrt(tf.maximum(square, floor)));
}

/** The same by kernels. Rows without direction have norm 0 in `norms` `[n]`, at which the gradient's kernel leaves them out. */
export function unitRows(
  kernels: Kernels,
  x: Float32Array,
  cols: number,
  n: number,
  unit: Float32Array,
  norms: Float32Array,
): void {
  kernels.normalizeRows(x, cols, n, NORM_FLOOR, unit, norms);
  const floor = Math.fround(NORM_FLOOR);
  for (let r = 0; r < n; r++) {
    if (norms[r]! > floor) continue;
    norms[r] = 0;
    unit.fill(0, r * cols, (r + 1) * cols);
  }
}
