import type { Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";

/**
 * `f(x)` as a constant: computed on the device, off the tape, with no gradient for `x`. `f` may use operations that have
 * no gradient (comparisons, sorting, rounding).
 */
export function constantOf(tf: Tf, x: Tensor2D, f: (x: Tensor2D) => Tensor2D): Tensor2D {
  return tf.customGrad((input) => {
    const value = f(input as Tensor2D);
    return { value, gradFunc: () => tf.zerosLike(input as Tensor2D) };
  })(x) as Tensor2D;
}
