import type * as tfc from "@tensorflow/tfjs-core";
import { type Backward, type Rule, type Rules, saved } from "./rule.js";

const axesOf = (b: Backward, attribute: string, shape: number[]) =>
  b.tf.util.parseAxisParam((b.attrs[attribute] ?? null) as number | number[], shape);

/** A reduced tensor with its axes of length 1 back in place, ready to broadcast against the input. */
function kept(b: Backward, reduced: tfc.Tensor, shape: number[], axes: number[]): tfc.Tensor {
  return b.tf.reshape(
    reduced,
    shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
}

/** Ranks that every back-end repeats. */
const MOST_REPEATED_AXES = 4;

/** The gradient of a sum: the gradient of the output at every input that it was made of. */
function spread(b: Backward, dy: tfc.Tensor, shape: number[], axes: number[]): tfc.Tensor {
  const narrow = kept(b, dy, shape, axes);
  if (shape.length === 0) return narrow;
  if (shape.includes(0) || shape.length > MOST_REPEATED_AXES) return b.tf.mul(narrow, b.tf.ones(shape));
  return b.tf.tile(
    narrow,
    shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
  );
}

/** Extremes: every element equal to the extreme takes the gradient. */
const extreme = (attribute: string): Rule => ({
  inputs: ["x"],
  output: true,
  back: (b) => {
    const [x, y] = [saved(b, 0), saved(b, 1)];
    return {
      x: () => {
        const axes = axesOf(b, attribute, x.shape);
        const winners = b.tf.cast(b.tf.equal(x, kept(b, y, x.shape, axes)), "float32");
        return b.tf.mul(kept(b, b.dy, x.shape, axes), winners);
      },
    };
  },
});

/** Sums, means, extremes and normalisations along axes. */
export const reductions: Rules = {
  ArgMax: { inputs: ["x"], back: (b) => ({ x: () => b.tf.zerosLike(saved(b, 0)) }) },
  ArgMin: { inputs: ["x"], back: (b) => ({ x: () => b.tf.zerosLike(saved(b, 0)) }) },
  Cumsum: {
    inputs: ["x"],
    back: (b) => ({
      // The adjoint of a running sum is the running sum from the other end.
      x: () => b.tf.cumsum(b.dy, b.attrs.axis as number, b.attrs.exclusive as boolean, !(b.attrs.reverse as boolean)),
    }),
  },
  Max: extreme("reductionIndices"),
  Mean: {
    inputs: ["x"],
    back: (b) => ({
      x: () => {
        const { shape } = saved(b, 0);
        const axes = axesOf(b, "axis", shape);
        const count = axes.reduce((n, axis) => n * (shape[axis] ?? 1), 1);
        return spread(b, b.tf.div(b.dy, count), shape, axes);
      },
    }),
  },
  Min: extreme("axis"),
  Prod: {
    inputs: ["x"],
    back: (b) => {
      const x = saved(b, 0);
      return {
        // Products of what stands before and after each element, so that zeros keep their true slope.
        x: () => {
          const axes = axesOf(b, "axis", x.shape);
          const [axis] = axes;
          if (axes.length !== 1 || axis === undefined) throw new Error("tf.prod differentiates along one axis only");
          const before = b.tf.cumprod(x, axis, true, false);
          const after = b.tf.cumprod(x, axis, true, true);
          return b.tf.mul(kept(b, b.dy, x.shape, axes), b.tf.mul(before, after));
        },
      };
    },
  },
  Softmax: {
    output: true,
    back: (b) => {
      const y = saved(b, 0);
      const axis = b.attrs.dim as number;
      return {
        logits: () => {
          const weighted = b.tf.mul(b.dy, y);
          return b.tf.sub(weighted, b.tf.mul(b.tf.sum(weighted, axis, true), y));
        },
      };
    },
  },
  Sum: {
    inputs: ["x"],
    back: (b) => ({
      x: () => {
        const { shape } = saved(b, 0);
        return spread(b, b.dy, shape, axesOf(b, "axis", shape));
      },
    }),
  },
};
