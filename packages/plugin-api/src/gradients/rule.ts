import type * as tfc from "@tensorflow/tfjs-core";
import type { Tf } from "../model.js";

/** What the backward pass of one kernel is given. */
export interface Backward {
  readonly tf: Tf;
  /** Gradient with respect to the kernel's output (its first, where it has several). */
  readonly dy: tfc.Tensor;
  /** Gradients of all outputs. */
  readonly dys: readonly tfc.Tensor[];
  /** Saved inputs, in the order of `inputs`, then saved outputs. */
  readonly saved: readonly tfc.Tensor[];
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** Gradient of a kernel: which tensors it keeps from the forward pass, and the gradient of each input by name. */
export interface Rule {
  readonly inputs?: readonly string[] | "all";
  readonly output?: true;
  readonly back: (b: Backward) => Readonly<Record<string, () => tfc.Tensor>>;
}

export type Rules = Readonly<Record<string, Rule>>;

/** Saved tensor `index`. @throws Error when the rule did not ask for it (a bug of this table). */
export function saved(b: Backward, index: number): tfc.Tensor {
  const tensor = b.saved[index];
  if (!tensor) throw new Error(`gradient rule reads saved tensor ${index}, which it does not keep`);
  return tensor;
}

/** Sums a gradient over the axes that the forward pass broadcast `shape` along. */
export function unbroadcast(tf: Tf, gradient: tfc.Tensor, shape: readonly number[]): tfc.Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], gradient.shape);
  const reduced = axes.length > 0 ? tf.sum(gradient, axes) : gradient;
  return tf.reshape(reduced, [...shape]);
}
