import type * as tfc from "@tensorflow/tfjs-core";
import type { Tf } from "../model.js";
import { type Rules, saved } from "./rule.js";

const product = (tf: Tf, a: tfc.Tensor, b: tfc.Tensor, transposeA: boolean, transposeB: boolean) =>
  tf.matMul(a, b, transposeA, transposeB);

/** Sums the leading dimensions that a matrix product broadcast. */
function fit(tf: Tf, gradient: tfc.Tensor, shape: readonly number[]): tfc.Tensor {
  const surplus = gradient.rank - shape.length;
  const axes: number[] = [];
  for (let axis = 0; axis < gradient.rank - 2; axis++) {
    if (axis < surplus || (shape[axis - surplus] === 1 && gradient.shape[axis] !== 1)) axes.push(axis);
  }
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, [...shape]);
}

/** Products of (batches of) matrices. */
export const matmul: Rules = {
  BatchMatMul: {
    inputs: ["a", "b"],
    back: (context) => {
      const { tf, dy, attrs } = context;
      const [a, b] = [saved(context, 0), saved(context, 1)];
      const [tA, tB] = [attrs.transposeA as boolean, attrs.transposeB as boolean];
      return {
        // op(A) op(B) = C: d op(A) = dC op(B)ᵀ, transposed back when A came transposed.
        a: () => fit(tf, tA ? product(tf, b, dy, tB, true) : product(tf, dy, b, false, !tB), a.shape),
        b: () => fit(tf, tB ? product(tf, dy, a, true, tA) : product(tf, a, dy, !tA, false), b.shape),
      };
    },
  },
};
