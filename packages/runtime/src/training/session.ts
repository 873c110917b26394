import type {
  FittedTables,
  Interactions,
  Kernels,
  ModelInstance,
  RankingTable,
  Scorer,
  Streams,
  Tf,
  TrainableModel,
} from "@kdp/plugin-api";
import type { LoadedDevice } from "@kdp/plugin-api/device";
import type { NodeEvent } from "../events/events.js";
import { RuntimeFault } from "../faults.js";
import { cpuRanker, type Ranker } from "../ranking/ranker.js";
import type { Checkpoints } from "../stages/stage.js";
import { createResidence } from "../tensors/resident/create-residence.js";
import { studentOnDevice } from "../tensors/resident/student-on-device.js";
import { createArena } from "./arena.js";
import { type CreatedLoss, createLosses, type LessonLoss } from "./bind-losses.js";
import { createTriplets, type Triplets } from "./epoch-triplets.js";
import { checkRoom } from "./kernel-room.js";
import { createOptimiser } from "./optimiser.js";
import { byName, createParameters } from "./parameters.js";
import type { Pauses } from "./pauses.js";
import { rowWiseModel, tablesOf } from "./row-wise-model.js";
import { createScorerRanking, rankAll } from "./scorer-ranking.js";
import type { TrainingSettings } from "./settings.js";
import { StepBatch } from "./step-batch.js";
import { studentView } from "./student-view.js";
import { tensorTerm } from "./tensor-term.js";
import { type BoundLoss, fusedTerm, type Term } from "./term.js";
import { trackTouched } from "./touched-rows.js";
import { type Trained, train, type Validation } from "./train.js";
import type { Learning } from "./training-state.js";

/** A lesson as the student meets it. */
export interface Lesson {
  readonly baseWeight: number;
  readonly losses: readonly LessonLoss[];
}

export interface TrainingSession {
  readonly node: string;
  readonly kernels: Kernels;
  readonly train: Interactions;
  readonly settings: TrainingSettings;
  /** Streams of the model: initialisation, order, negatives. */
  readonly streams: Streams;
  /** Binds the model to its arguments; `kernels` are those that it may allocate from. */
  createModel(kernels: Kernels): ModelInstance;
  readonly lesson: Lesson | null;
  readonly validation: Validation | null;
  /** Length of the rankings of snapshots. */
  readonly snapshotLength: number;
  /** Where snapshots are ranked; the CPU where nothing is said. What losses ask for they are told at once, by the CPU. */
  readonly ranker?: Ranker;
  /** Forms to use: `plain` takes the TensorFlow.js form even where a fused one exists (tests, other devices). */
  readonly forms: "fastest" | "plain";
  tensorflow(): Promise<Tf>;
  /** Where parameters, losses and optimiser live; absent or null for the CPU's kernels. */
  readonly device?: LoadedDevice | null;
  readonly checkpoints: Checkpoints;
  readonly pauses: Pauses;
  emit(event: NodeEvent): void;
  note(text: string): void;
}

/** A trained model, in memory of the process. */
export interface TrainedModel {
  readonly instance: ModelInstance;
  readonly tables: FittedTables;
  readonly trained: Trained;
  /** How its scores are made. */
  readonly scorer: Scorer["kind"];
  /** The ranking of the kept model, present when snapshots were asked for. */
  readonly ranking: RankingTable | null;
}

/** Sets a model and its lesson up on kernels of their own, trains, and gives the memory back. */
export async function runTraining(session: TrainingSession): Promise<TrainedModel> {
  const arena = createArena(session.kernels);
  try {
    return await trainOn(arena.kernels, session);
  } finally {
    arena.release();
  }
}

async function trainOn(kernels: Kernels, session: TrainingSession): Promise<TrainedModel> {
  const { settings, train: interactions, device = null } = session;
  const instance = session.createModel(kernels);
  checkRoom(kernels, instance.parameters, device ? null : settings.optimiser.optimizer, session.node);
  const own = createParameters(kernels, instance.parameters, session.streams);
  const parameters = byName(own);
  // A device trains by plain forms; the fused one only reads the copies of its parameters, for rankings between epochs.
  const fused = session.forms === "fastest" ? instance.fused : undefined;
  const model = fused ? fused.cpu(parameters) : await plainModel(kernels, session, instance, parameters);

  const beside: Learning[] = [];
  const created = createLosses(session.lesson?.losses ?? [], {
    kernels,
    train: interactions,
    width: model.width,
    epochs: settings.epochs,
    adopt: (learning) => beside.push({ ...learning, name: `${learning.name} ${beside.length}` }),
    note: session.note,
  });
  const losses = created.map((loss) => bind(kernels, loss));
  const terms = device
    ? losses.map((loss): Term => ({ loss, run: onDevice }))
    : await Promise.all(losses.map((loss) => termOf(kernels, session, loss)));
  const helpers = losses.flatMap((loss) => Object.values(loss.state));

  const triplets = createTriplets({
    train: interactions,
    batches: instance.batches,
    batch: settings.batch,
    negatives: settings.negatives,
    streams: session.streams,
    kernels,
  });
  checkPositives(triplets, session);
  const baseWeight = created.reduce((w, { instance: i }) => w * (i.baseWeight ?? 1), session.lesson?.baseWeight ?? 1);
  const residence = device
    ? createResidence({
        device,
        node: session.node,
        instance,
        own,
        losses,
        baseWeight,
        optimiser: settings.optimiser,
        train: interactions,
        readsEachStep: (session.lesson?.losses ?? []).some(({ definition }) => definition.learningTeacher),
      })
    : null;
  const learning = residence?.learning ?? {
    name: "student",
    parameters: [...own, ...helpers],
    optimiser: createOptimiser(kernels, [...own, ...helpers], settings.optimiser),
  };
  const ranking = createScorerRanking(kernels, interactions);
  // Without a fused form the model's scores would be computed on the device, and waited for there.
  const student =
    residence && !fused ? studentOnDevice(model, ranking, interactions.items) : studentView(model, ranking, kernels);

  const ranker = session.ranker ?? cpuRanker(kernels);
  const rank = () => rankAll(kernels, ranker, interactions, model.scorer(), session.snapshotLength);
  const trained = await train({
    node: session.node,
    epochs: settings.epochs,
    learningRate: settings.optimiser.learningRate,
    instance,
    parameters,
    model,
    residence,
    tracked: !residence && learning.optimiser.sparse ? trackTouched(kernels, model, interactions) : null,
    baseWeight,
    terms,
    learning: [learning, ...beside],
    triplets,
    batch: new StepBatch(kernels, interactions, triplets.largestStep),
    student,
    validation: session.validation,
    snapshots: { count: settings.snapshots, rank },
    checkpoints: session.checkpoints,
    pauses: session.pauses,
    emit: session.emit,
  }).finally(() => residence?.dispose());
  return {
    instance,
    tables: copied(tablesOf(parameters)),
    trained,
    scorer: model.scorer().kind,
    ranking: settings.snapshots > 1 ? { ...(await rank()), scores: null } : null,
  };
}

function onDevice(): never {
  throw new Error("the terms of this training are computed on its device");
}

async function plainModel(
  kernels: Kernels,
  session: TrainingSession,
  instance: ModelInstance,
  parameters: ReturnType<typeof byName>,
): Promise<TrainableModel> {
  const form = instance.rowWise;
  if (!form) throw new Error(`the model of ${session.node} has neither a fused nor a row-wise form`);
  const tf = session.device?.tf ?? (await session.tensorflow());
  return rowWiseModel({ tf, kernels, instance, form, parameters });
}

/** Allocates the loss's helpers; they draw from the loss's own streams. */
function bind(kernels: Kernels, { streams, ...loss }: CreatedLoss): BoundLoss {
  return { ...loss, state: byName(createParameters(kernels, loss.instance.state ?? [], streams)) };
}

async function termOf(kernels: Kernels, session: TrainingSession, loss: BoundLoss): Promise<Term> {
  const fused = session.forms === "fastest" ? fusedTerm(loss) : null;
  return fused ?? tensorTerm(await session.tensorflow(), kernels, loss, session.train.items);
}

/** Copies of tables in kernel memory, which is about to be freed. */
const copied = (tables: FittedTables): FittedTables =>
  Object.fromEntries(
    Object.entries(tables).map(([name, { rows, cols, values }]) => [
      name,
      { rows, cols, values: Float32Array.from(values) },
    ]),
  );

function checkPositives(triplets: Triplets, { node, train: { users, items }, note }: TrainingSession): void {
  if (triplets.saturatedUsers > 0) {
    note(
      `KDP7106: ${triplets.saturatedUsers} of ${users} users interacted with all ${items} items; no negative can be drawn for them, so they take no part in the training`,
    );
  }
  if (triplets.positives > 0) return;
  throw new RuntimeFault({
    code: "KDP7107",
    kind: "user",
    message: `there is nothing to train on: of ${users} users none has both a training interaction and an item left to draw as negative (${items} items)`,
    place: node,
    fix: "train on more items than any user has interactions, or loosen the filters of dataset()",
  });
}
