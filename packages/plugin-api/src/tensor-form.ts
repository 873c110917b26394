import type * as tfc from "@tensorflow/tfjs-core";
import type { Batch } from "./batch.js";
import type { ScoreList, Tf } from "./model.js";
import type { Side } from "./views.js";

/**
 * The TensorFlow.js form of a model whose scores do not come from gathered rows alone: graph propagation, autoencoders. Devices
 * other than the CPU train by it, with every parameter as a tensor on the device; the engine differentiates the step as a whole.
 */
export interface TensorForm {
  /** Data that no step changes (the edges of a graph), put on the device once; the engine disposes of them. */
  constants?(tf: Tf): Readonly<Record<string, tfc.Tensor>>;
  /** Forward pass of one step. Called exactly once a step, so it may draw the step's noise. */
  forward(io: TensorStepIO): TensorStep;
  /** The parameters that the model's constraints change, after an optimiser step. */
  constrain?: TensorConstraint;
}

/** Returns new values of the parameters that it changes, by name. */
export type TensorConstraint = (io: {
  readonly tf: Tf;
  readonly parameters: Readonly<Record<string, tfc.Tensor2D>>;
}) => Readonly<Record<string, tfc.Tensor2D>>;

export interface TensorStepIO {
  readonly tf: Tf;
  readonly batch: Batch;
  /** Every parameter of the model `[rows, cols]`, by name. */
  readonly parameters: Readonly<Record<string, tfc.Tensor2D>>;
  readonly constants: Readonly<Record<string, tfc.Tensor>>;
  /** Scores that are inner products of rows of two tables, by the device's own kernels where it has them. */
  dot(user: tfc.Tensor2D, item: tfc.Tensor2D): TensorScores;
}

export interface TensorScores {
  /** Scores of listed pairs, `[rows, k]`. */
  scores(list: ScoreList): tfc.Tensor2D;
  /** Scores of every item, `[users, items]`. */
  allScores(users: Int32Array): tfc.Tensor2D;
}

/** What the terms of a step may ask of the model, all differentiable. */
export interface TensorStep extends TensorScores {
  /** Sum over the batch. */
  baseLoss(): tfc.Scalar;
  /** Representation rows `[n, width]` that latent losses see. @throws Error when the model has none */
  rows(side: Side, ids: Int32Array): tfc.Tensor2D;
}
