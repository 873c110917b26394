import type * as tfc from "@tensorflow/tfjs-core";
import type { Batch } from "./batch.js";
import type { Interactions } from "./interactions.js";
import type { Kernels } from "./kernels.js";
import type { ModelFacts } from "./manifest.js";
import type { Parameter, ParameterSpec } from "./parameters.js";
import type { ParamSchemas, ParamsOf } from "./params.js";
import type { Streams } from "./random.js";
import type { TensorConstraint, TensorForm } from "./tensor-form.js";
import type { TrainingParams } from "./training.js";
import type { Side } from "./views.js";

export type Tf = typeof tfc;

/**
 * How triplets or rows of a step are drawn.
 * - `pairwise`: (user, positive, negative), `negatives` draws per positive, each a triplet.
 * - `pointwise`: as `pairwise`; the model reads positives as label 1 and negatives as label 0.
 * - `users`: whole users; a batch lists users, all their positives, and `negatives` sampled zeros per positive.
 * - `items`: whole items, likewise (autoencoders over item rows).
 */
export type BatchKind = "pairwise" | "pointwise" | "users" | "items";

/** Scores of listed pairs: `[rows, k]`; row `r` belongs to `ids[r]` of `side`, `others[r * k + c]` is of the other side. */
export interface ScoreList {
  readonly side: Side;
  readonly ids: Int32Array;
  readonly others: Int32Array;
  readonly rows: number;
  readonly k: number;
}

/**
 * A model while it trains on the CPU device. The engine owns parameters, gradients and the optimiser; the model adds to gradients.
 * All ids are rows of the interaction matrix; all arrays are views of kernel memory.
 */
export interface TrainableModel {
  /** Called before the terms of a step: forward passes that the terms share (graph propagation, encoder). */
  beginStep?(batch: Batch): void;
  /** Sum over the batch, times nothing; adds `weight` times the gradient. Returns the unweighted value. */
  baseLoss(batch: Batch, weight: number): number;
  /**
   * True when a step's gradients reach rows of entities that are not in it (graph propagation): optimisers that update
   * touched rows only then update all.
   */
  readonly spreads?: boolean;
  /** Width of the representation that latent losses see, 0 where the model has none for that side. */
  readonly width: Readonly<Record<Side, number>>;
  /** Gathers representation rows `[n, width]`. */
  rows(side: Side, ids: Int32Array, n: number, out: Float32Array): void;
  addRowGrads(side: Side, ids: Int32Array, n: number, grads: Float32Array): void;
  scores(list: ScoreList, out: Float32Array): void;
  addScoreGrads(list: ScoreList, grads: Float32Array): void;
  /** Called after the terms: backward passes from representations to parameters. */
  endStep?(): void;
  /** Scores under the current parameters. Valid until the next step. */
  scorer(): Scorer;
  /**
   * Present when scores are inner products of two tables: the tables and the accumulators of their gradients, for kernels
   * that run over all items. Valid from `beginStep` to `endStep`.
   */
  dot?(): DotTables;
}

/** `score(u, i) = <user[u], item[i]>`; rows of `cols` numbers. */
export interface DotTables {
  readonly user: Float32Array;
  readonly item: Float32Array;
  readonly dUser: Float32Array;
  readonly dItem: Float32Array;
  readonly cols: number;
}

/** All scores of a user at once. `dot` is the fast path: score = <user[u], item[i]>. */
export type Scorer =
  | { readonly kind: "dot"; readonly user: Float32Array; readonly item: Float32Array; readonly cols: number }
  | {
      readonly kind: "block";
      /**
       * Writes `[n, items]`. Runs inside scopes of the kernels, which free what is allocated in them: a scorer takes its
       * buffers when it is made.
       */
      scoreUsers(users: Int32Array, n: number, out: Float32Array): void;
    };

/** What a fitted model is made of; tables are written to the artefact under these names. */
export interface FittedTables {
  readonly [name: string]: { readonly rows: number; readonly cols: number; readonly values: Float32Array };
}

export interface ModelContext<P> {
  readonly params: P;
  readonly users: number;
  readonly items: number;
  readonly train: Interactions;
  readonly streams: Streams;
  readonly kernels: Kernels;
}

/** The plain TensorFlow.js form of a model whose scores come from gathered rows. */
export interface RowWiseForm {
  /** Names of the parameters with a row per user, and per item. */
  readonly tables: Readonly<Record<Side, string>>;
  /** `user` and `item` are gathered, aligned rows `[n, cols]`; returns `[n]`. */
  scores(io: RowWiseIO): tfc.Tensor1D;
  /** Sum over aligned triplets. `positive`, `negative` are rows `[n, cols]`. */
  baseLoss(
    io: Omit<RowWiseIO, "item"> & { readonly positive: tfc.Tensor2D; readonly negative: tfc.Tensor2D },
  ): tfc.Scalar;
  /** Columns of the tables that latent losses see; default all. */
  readonly representation?: Readonly<Record<Side, readonly [from: number, to: number]>>;
  /** True when a score is the inner product of the two rows: devices have kernels for that. */
  readonly dot?: boolean;
  /** What `ModelInstance.constrain` does, on tensors. Required on devices for a model that has it. */
  readonly constrain?: TensorConstraint;
}

export interface RowWiseIO {
  readonly tf: Tf;
  readonly user: tfc.Tensor2D;
  readonly item: tfc.Tensor2D;
  /** Parameters without a row per entity, by name. */
  readonly dense: Readonly<Record<string, tfc.Tensor>>;
}

/** A model bound to its arguments and data. */
export interface ModelInstance {
  readonly parameters: readonly ParameterSpec[];
  readonly batches: BatchKind;
  /** Plain form; enough for a plugin model, and the oracle of the fused one. */
  readonly rowWise?: RowWiseForm;
  /** Plain form of a model that is not row-wise; without one or the other it says `cpuOnly`. */
  readonly tensors?: TensorForm;
  /** Fused form of the CPU device. Required when there is no `rowWise` form. */
  fused?: { cpu(parameters: Readonly<Record<string, Parameter>>): TrainableModel };
  /** Applied to the parameters after each optimiser step (CML's unit ball). */
  constrain?(parameters: Readonly<Record<string, Parameter>>, batch: Batch): void;
  /** Scores of a fitted model whose tables were read back from its artefact into kernel memory. */
  scorer(tables: FittedTables): Scorer;
  /** Representations `[n, width]` of both sides; null where the model has no `embeddings` view for that side. */
  embeddings(
    tables: FittedTables,
  ): Readonly<Record<Side, { readonly cols: number; readonly values: Float32Array } | null>>;
}

/** A model fitted in closed form: no epochs, no lesson. */
export interface ClosedFormInstance {
  fit(): FittedTables;
  scorer(tables: FittedTables): Scorer;
}

export interface ModelDefinition<S extends ParamSchemas = ParamSchemas> extends Omit<ModelFacts, "kind" | "params"> {
  readonly params: S;
  create(context: ModelContext<ParamsOf<S> & TrainingParams>): ModelInstance | ClosedFormInstance;
}
