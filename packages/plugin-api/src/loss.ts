import type * as tfc from "@tensorflow/tfjs-core";
import type { Batch } from "./batch.js";
import type { Interactions } from "./interactions.js";
import type { Kernels } from "./kernels.js";
import type { LossFacts } from "./manifest.js";
import type { ScoreList, Tf, TrainableModel } from "./model.js";
import type { Parameter, ParameterSpec } from "./parameters.js";
import type { ParamSchemas, ParamsOf } from "./params.js";
import type { Streams } from "./random.js";
import type { Side } from "./views.js";

/** A teacher as a loss sees it; a view is present when the loss declares it in `needs`. */
export interface TeacherView {
  readonly name: string;
  /** Ordered items per user, train items excluded. `[users, k]`, -1 where the list is shorter. */
  readonly ranking?: RankingTable;
  /** Ordered users per item (losses with `itemSide`). `[items, k]` */
  readonly itemRanking?: RankingTable;
  /** Scores of listed pairs, `[rows, k]`; -Infinity for a pair of which a teacher read from a file, or a crowd, says nothing. */
  scores?(list: ScoreList, out: Float32Array): void;
  /** Representations `[users, cols]`, `[items, cols]`; null for a side that the teacher has none of. */
  readonly embeddings?: Readonly<Record<Side, { readonly cols: number; readonly values: Float32Array } | null>>;
  /** Rankings of the snapshots, earliest first; the last is the converged model. */
  readonly trajectory?: readonly RankingTable[];
}

export interface RankingTable {
  readonly rows: number;
  readonly k: number;
  readonly ids: Int32Array;
  readonly scores: Float32Array | null;
}

/** The student between epochs, and inside a step before its optimiser; for samplers that look at its current ranking. */
export interface StudentView {
  /** Best items per user, train items excluded: `[users, k]`. */
  topK(k: number): RankingTable;
  /** Rank of each listed item among the user's items that are not in train, 1 = best; `[rows, k]`, lists of side `user`. */
  ranks(list: ScoreList, out: Int32Array): void;
  scores(list: ScoreList, out: Float32Array): void;
}

/**
 * A copy of a teacher that goes on learning beside the student (losses that declare `learningTeacher`). The engine owns its
 * parameters, its optimiser and their checkpoint; the teacher's artefact stays as it is.
 */
export interface TeacherLearner {
  /** Use as the engine uses a student: `beginStep`, terms that add gradients, `endStep`, then {@link step}. */
  readonly model: TrainableModel;
  /** Applies the optimiser to the gradients added since the last step, and the model's constraints. */
  step(batch: Batch): void;
}

/** Settings of the optimiser of a {@link TeacherLearner}; Adam, as in the papers. */
export interface LearnerOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
}

export interface LossContext<P> {
  readonly params: P;
  readonly users: number;
  readonly items: number;
  readonly train: Interactions;
  /** The teachers in the order of the pipeline; exactly one when the loss declares `teachers: "one"`. */
  readonly teachers: readonly TeacherView[];
  /** Width of the student's representations. */
  readonly width: Readonly<Record<Side, number>>;
  readonly streams: Streams;
  readonly kernels: Kernels;
  /** Planned number of epochs of the student, for annealing schedules. */
  readonly epochs: number;
  /**
   * A learning copy of a teacher. Present when the loss declares `learningTeacher`.
   * @param teacher position in {@link teachers}
   * @throws Error naming the teacher when it is not a model trained by gradient
   */
  learner?(teacher: number, options: LearnerOptions): TeacherLearner;
  /** Adds a line to the node's report (pairs left out, short lists …). */
  note(text: string): void;
}

/** What a loss reads in one step. */
export interface StepRequest {
  /** Representation rows of these entities (distinct ids). */
  readonly rows?: Partial<Readonly<Record<Side, Int32Array>>>;
  /** Student scores of listed pairs, by a name of the loss's choice. */
  readonly scores?: Readonly<Record<string, ScoreList>>;
  /** Distinct users of whom the student's scores of every item are wanted. Costs `users × items` numbers a step. */
  readonly allScores?: Int32Array;
}

/** Gathered tensors of one step. A loss never sees a whole embedding table. */
export interface TensorIO {
  readonly tf: Tf;
  readonly batch: Batch;
  /** Student rows `[n, width]` of the requested entities. */
  readonly student: Partial<Readonly<Record<Side, tfc.Tensor2D>>>;
  /** The rows of each teacher for the same entities `[n, cols]`, where it has embeddings. */
  readonly teachers: readonly Partial<Readonly<Record<Side, tfc.Tensor2D>>>[];
  /** Student scores of the requested lists `[rows, k]`. */
  readonly scores: Readonly<Record<string, tfc.Tensor2D>>;
  /** Student scores of every item, `[users, items]`, when {@link StepRequest.allScores} asked for them. */
  readonly allScores?: tfc.Tensor2D;
  /** Trainable helpers, by name. */
  readonly state: Readonly<Record<string, tfc.Tensor2D>>;
}

/** Access of a fused form to the student of the step. */
export interface FusedIO {
  readonly batch: Batch;
  readonly student: TrainableModel;
  readonly state: Readonly<Record<string, Parameter>>;
  /** Gradients are added times this weight; the returned value is without it. */
  readonly weight: number;
}

/** Arrays that must survive a restart, by name. */
export type Carry = Readonly<Record<string, Float32Array | Int32Array>>;

/** A loss bound to one student's training. Reduction is the sum over the requested entities, as in the papers. */
export interface LossInstance {
  /** Trainable helpers (projectors, experts, gates): trained by the student's optimiser, dropped afterwards. */
  readonly state?: readonly ParameterSpec[];
  /**
   * Factor on the student's own loss, on top of the lesson's `base_weight`; default 1. A loss that replaces the student's
   * own (HetComp's released code) says 0. With several losses the factors multiply.
   */
  readonly baseWeight?: number;
  /** Called before each epoch, from 0: draws samples, updates schedules. */
  startEpoch?(epoch: number, student: StudentView): void;
  /**
   * Replaces negatives of the epoch's triplets (BD learns from the items that it distils). Called once an epoch, after
   * {@link startEpoch}; at most one loss of a lesson may have it.
   * @param users user of each triplet, in the order of the epoch
   * @param negatives `[users.length]`, filled with the engine's own draw; may be overwritten, never by a training item
   */
  drawNegatives?(users: Int32Array, negatives: Int32Array): void;
  /** Called exactly once a step, before {@link loss} or the fused form: may draw the step's noise. */
  request(batch: Batch): StepRequest;
  /** Plain form, differentiated by the engine with respect to `student`, `scores` and `state`. */
  loss(io: TensorIO): tfc.Scalar;
  /**
   * Same value and gradient, computed by kernels. The value is null on steps where it is not worth computing: only the
   * loss curve reads it. NaN means that the training diverged, as in the plain form.
   */
  readonly fused?: { cpu?(io: FusedIO): number | null };
  /** Called after the student's optimiser step. */
  afterStep?(batch: Batch): void;
  /**
   * Phase of the loss's own schedule, asked for after {@link startEpoch}. When it differs from that of the epoch before,
   * the engine starts counting `patience` anew, so that a run does not end before the last phase had its chance.
   */
  phase?(): number;
  /** Taken between epochs, before the next {@link startEpoch}. */
  carry?(): Carry;
  restore?(carry: Carry): void;
}

export interface LossDefinition<S extends ParamSchemas = ParamSchemas> extends Omit<LossFacts, "kind" | "params"> {
  /** Must hold `weight`. */
  readonly params: S;
  create(context: LossContext<ParamsOf<S>>): LossInstance;
}
