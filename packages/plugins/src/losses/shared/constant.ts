import type { Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";

/**
 * `f(x)` as a constant: computed on the device, off the tape, with no gradient for `x`. `f` may use operations that have
 * no gradient (comparisons, sorting, rounding).
 */
export function constantOf(tf: Tf, x: Tensor2D, f: (x: Tensor2D) => Tensor2D): Tensor2D {
  // The shape, not the tensor: by the time the gradient is asked for, an input that was not saved is gone.
  const { shape } = x;
  return tf.customGrad((input) => ({ value: f(input as Tensor2D), gradFunc: () => tf.zeros(shape) }))(x) as Tensor2D;
}
