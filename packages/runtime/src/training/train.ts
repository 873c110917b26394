import type {
  Batch,
  ModelInstance,
  Parameter,
  RankingTable,
  Scorer,
  StudentView,
  TrainableModel,
} from "@kdp/plugin-api";
import type { NodeEvent } from "../events/events.js";
import { RuntimeFault } from "../faults.js";
import type { Checkpoints } from "../stages/stage.js";
import type { CurvePoint } from "../tables/curves.js";
import type { Residence } from "../tensors/resident/residence.js";
import { judgeObjective, OBJECTIVE_START } from "./divergence.js";
import { enterPhase, judge, STOPPING_START, type StoppingRule } from "./early-stopping.js";
import type { Triplets } from "./epoch-triplets.js";
import { EpochLosses } from "./loss-curve.js";
import type { Pauses } from "./pauses.js";
import { planSnapshots, type Snapshot } from "./snapshots.js";
import type { StepBatch } from "./step-batch.js";
import type { Term } from "./term.js";
import type { TrackedModel } from "./touched-rows.js";
import { encodeState, type Learning, type Progress, restoreState } from "./training-state.js";

/** Metrics on the valid part under the current parameters, and the rule that keeps epochs by them. */
export interface Validation {
  /** By key such as `ndcg@10`. */
  evaluate(scorer: Scorer): Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;
  /** Epochs between evaluations; the last epoch is always evaluated. */
  readonly every: number;
  readonly stopping: StoppingRule | null;
}

export interface TrainOptions {
  /** Display name of the node, for faults. */
  readonly node: string;
  readonly epochs: number;
  readonly learningRate: number;
  readonly instance: ModelInstance;
  /** The model's own parameters, by name; helpers of the losses are in {@link learning} only. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly model: TrainableModel;
  /** Present when the training lives on a device; the other parts then hold copies. */
  readonly residence: Residence | null;
  /** Present when the optimiser wants to know the touched rows; its model then stands for {@link model}. */
  readonly tracked: TrackedModel | null;
  readonly baseWeight: number;
  readonly terms: readonly Term[];
  /** The student's first, then those of the teachers that learn beside it. */
  readonly learning: readonly [Learning, ...Learning[]];
  readonly triplets: Triplets;
  readonly batch: StepBatch;
  readonly student: StudentView;
  readonly validation: Validation | null;
  /** Number of snapshots, 0 for none, and how they are ranked. */
  readonly snapshots: { readonly count: number; rank(): Promise<RankingTable> };
  readonly checkpoints: Checkpoints;
  readonly pauses: Pauses;
  emit(event: NodeEvent): void;
}

export interface Trained {
  /** Epochs of the kept parameters, which are in the model when training returns. */
  readonly epochs: number;
  /** Epochs that were trained in all. */
  readonly trainedEpochs: number;
  readonly curve: readonly CurvePoint[];
  /** Earliest first, without the kept model itself. */
  readonly snapshots: readonly Snapshot[];
  /** The parameters at the best epoch of each watched metric. */
  readonly kept: Readonly<Record<string, KeptEpoch>>;
}

export interface KeptEpoch {
  readonly epochs: number;
  readonly parameters: Readonly<Record<string, Float32Array>>;
}

const START: Progress = {
  epochs: 0,
  finished: false,
  stopping: STOPPING_START,
  curve: [],
  snapshots: [],
  kept: {},
  objective: OBJECTIVE_START,
};

/**
 * Trains a model, plainly or from a lesson: per step the model's own loss summed over the batch
 * plus the weighted losses of the lesson, one optimiser for all. It continues from a checkpoint with bit-identical results,
 * since every draw depends on seed and epoch alone.
 * @throws RuntimeFault KDP8001 when a loss becomes NaN or infinite, or stays far above that of the untrained model; the signal's reason when it was aborted
 */
export async function train(options: TrainOptions): Promise<Trained> {
  const live = { learning: options.learning, losses: options.terms.map((term) => term.loss) };
  const saved = await options.checkpoints.load();
  const { residence } = options;
  const restored = saved ? restoreState(live, saved) : null;
  if (restored) residence?.push();
  let progress = restored ?? START;
  if (restored) options.emit({ type: "resumed", epoch: restored.epochs });
  const snapshots = planSnapshots({
    count: options.snapshots.count,
    epochs: options.epochs,
    earlyStop: options.validation?.stopping?.chosen != null,
    restored: progress.snapshots,
  });
  const save = async () => {
    await residence?.pull("everything");
    await options.checkpoints.save(encodeState(live, progress));
  };

  while (!progress.finished) {
    const epoch = progress.epochs;
    const begun = performance.now();
    const { losses, start } = await runEpoch(options, epoch, progress.objective.start);
    const done = epoch + 1;
    const last = done === options.epochs;
    const { validation } = options;
    const due = validation && (last || done % validation.every === 0) ? validation : null;
    if (due || snapshots.wants(done)) await residence?.pull("parameters");
    const valid = due ? await due.evaluate(options.model.scorer()) : {};
    const phase = options.terms.reduce((sum, term) => sum + (term.loss.instance.phase?.() ?? 0), 0);
    let stopping = enterPhase(progress.stopping, phase);
    let { kept } = progress;
    let stop = false;
    const rule = validation?.stopping;
    if (rule && Object.keys(valid).length > 0) {
      const judged = judge(stopping, epoch, valid, rule);
      stopping = judged.state;
      stop = judged.stop;
      if (judged.improved.length > 0) {
        // One copy serves all metrics that are best in this epoch.
        const copy = copyOf(options.parameters);
        kept = { ...kept, ...Object.fromEntries(judged.improved.map((metric) => [metric, copy])) };
      }
    }
    if (snapshots.wants(done)) {
      const { rows, k, ids } = await options.snapshots.rank();
      // A trajectory is read for its order alone.
      snapshots.add({ epochs: done, ranking: { rows, k, ids, scores: null } });
    }
    const objective = judgeObjective({ ...progress.objective, start }, losses, weightsOf(options), {
      epochs: done,
      finished: last || stop,
    });
    progress = {
      epochs: done,
      finished: last || stop,
      stopping,
      curve: [...progress.curve, ...points(epoch, losses, valid)],
      snapshots: snapshots.collected,
      kept,
      objective: objective.state,
    };
    options.emit({
      type: "epoch",
      epoch: done,
      epochs: options.epochs,
      losses,
      valid,
      seconds: (performance.now() - begun) / 1000,
    });
    if (objective.diverged) throw exploded(options, done, objective.diverged);
    await options.pauses.betweenEpochs(save);
  }

  await residence?.pull("parameters");
  return finish(options, progress, (epochs) => snapshots.select(epochs));
}

/** Puts the chosen epoch's parameters back into the model. */
function finish(
  { validation, parameters, snapshots }: TrainOptions,
  progress: Progress,
  trajectory: (epochs: number) => readonly Snapshot[],
): Trained {
  const { best } = progress.stopping;
  const kept = Object.fromEntries(
    Object.entries(progress.kept).map(([metric, values]): [string, KeptEpoch] => [
      metric,
      { epochs: (best[metric]?.epoch ?? 0) + 1, parameters: values },
    ]),
  );
  const chosen = kept[validation?.stopping?.chosen ?? ""];
  if (chosen) {
    for (const [name, { value }] of Object.entries(parameters)) value.set(chosen.parameters[name] as Float32Array);
  }
  const epochs = chosen?.epochs ?? progress.epochs;
  return {
    epochs,
    trainedEpochs: progress.epochs,
    curve: progress.curve,
    snapshots: snapshots.count > 1 ? trajectory(epochs) : [],
    kept,
  };
}

/** Copies in memory of the process, which a later step does not overwrite. */
const copyOf = (parameters: Readonly<Record<string, Parameter>>) =>
  Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, Float32Array.from(value)]));

function points(
  epoch: number,
  losses: Readonly<Record<string, number>>,
  valid: Readonly<Record<string, number>>,
): CurvePoint[] {
  const named = (prefix: string, values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([key, value]) => ({ epoch: epoch + 1, key: `${prefix}/${key}`, value }));
  return [...named("loss", losses), ...named("valid", valid)];
}

interface EpochOutcome {
  /** Mean of each term per triplet. */
  readonly losses: Readonly<Record<string, number>>;
  /** First values of the terms, see {@link ObjectiveState}. */
  readonly start: Readonly<Record<string, number>>;
}

/** One pass over the training interactions. */
async function runEpoch(options: TrainOptions, epoch: number, start: EpochOutcome["start"]): Promise<EpochOutcome> {
  const { triplets, batch, terms, residence } = options;
  if (terms.some(({ loss }) => loss.instance.startEpoch)) await residence?.pull("parameters");
  for (const { loss } of terms) loss.instance.startEpoch?.(epoch, options.student);
  const drawer = terms.find(({ loss }) => loss.instance.drawNegatives)?.loss.instance;
  triplets.startEpoch(epoch, drawer ? (users, negatives) => drawer.drawNegatives?.(users, negatives) : null);
  const losses = new EpochLosses(start, weightsOf(options));
  for (let step = 0; step < triplets.steps; step++) {
    batch.moveTo(triplets.window(step));
    if (residence) await residentStep(residence, options, losses, step + 1 === triplets.steps);
    else runStep(options, losses);
    await options.pauses.betweenSteps(step, triplets.steps);
  }
  return { losses: losses.means(), start: losses.start };
}

/** Steps between two looks at a device: it works on while the next ones are prepared, and its memory stays bounded. */
const LOOK_EVERY = 32;

async function residentStep(
  residence: Residence,
  options: TrainOptions,
  losses: EpochLosses,
  last: boolean,
): Promise<void> {
  const { batch, terms } = options;
  if (residence.readsEachStep) await residence.pull("parameters");
  residence.step(batch);
  for (const { loss } of terms) loss.instance.afterStep?.(batch);
  if (!last && (batch.step + 1) % LOOK_EVERY !== 0) return;
  for (const { values, ...at } of await residence.values()) {
    for (const [term, value] of Object.entries(values)) {
      if (!Number.isFinite(value)) throw diverged(options, term, value, at);
      losses.add(term, value, at.size);
    }
  }
}

function runStep(options: TrainOptions, losses: EpochLosses): void {
  const { batch, instance, terms, tracked } = options;
  const model = tracked?.model ?? options.model;
  const record = (term: string, value: number | null) => {
    if (value !== null && !Number.isFinite(value)) throw diverged(options, term, value, batch);
    losses.add(term, value, batch.size);
  };
  model.beginStep?.(batch);
  if (options.baseWeight !== 0) record("base", model.baseLoss(batch, options.baseWeight));
  for (const term of terms) record(term.loss.name, term.run(batch, model));
  model.endStep?.();
  options.learning[0].optimiser.step(tracked?.take(batch) ?? null);
  instance.constrain?.(options.parameters, batch);
  for (const { loss } of terms) loss.instance.afterStep?.(batch);
}

const weightsOf =
  ({ baseWeight, terms }: TrainOptions) =>
  (term: string): number =>
    term === "base" ? baseWeight : (terms.find(({ loss }) => loss.name === term)?.loss.weight ?? 1);

function diverged(
  options: TrainOptions,
  term: string,
  value: number,
  batch: Pick<Batch, "epoch" | "step">,
): RuntimeFault {
  const lossWeight = options.terms.find(({ loss }) => loss.name === term)?.loss.weight;
  const where = `in epoch ${batch.epoch + 1}, step ${batch.step + 1}`;
  return divergence(
    options,
    `the loss "${term}" became ${Number.isNaN(value) ? "NaN" : value} ${where}: training diverged`,
    lossWeight === undefined ? "" : `, or the weight of ${term} (now ${lossWeight})`,
  );
}

function exploded(
  options: TrainOptions,
  epoch: number,
  { objective, start }: { readonly objective: number; readonly start: number },
): RuntimeFault {
  const size = (value: number) => (value < 1e4 ? Number(value.toPrecision(2)).toString() : value.toExponential(1));
  return divergence(
    options,
    `the loss is ${size(objective)} after epoch ${epoch}, that of the untrained model was ${size(start)}: training diverged`,
    options.terms.length === 0 ? "" : ", or the weights of the losses",
  );
}

function divergence({ node, learningRate }: TrainOptions, message: string, or: string): RuntimeFault {
  // Above a hundredth a tenth of it would not do either.
  const lower = learningRate > 0.01 ? 0.001 : Number((learningRate / 10).toPrecision(2));
  return new RuntimeFault({
    code: "KDP8001",
    kind: "run",
    message,
    place: node,
    argument: "learning_rate",
    fix: `lower learning_rate (now ${learningRate}), for example to ${lower}${or}`,
  });
}
