import { createKernels } from "@kdp/kernels";
import type { Interactions, Kernels, LossDefinition, ModelDefinition, ModelInstance, Scorer } from "@kdp/plugin-api";
import type { NodeEvent } from "../../src/events/events.js";
import { createStreams, lossFamily } from "../../src/random/streams.js";
import type { Checkpoints } from "../../src/stages/stage.js";
import { loadTensorflow } from "../../src/tensors/load-tensorflow.js";
import { createPauses, type Pauses } from "../../src/training/pauses.js";
import { runTraining, type TrainedModel, type TrainingSession } from "../../src/training/session.js";
import type { TrainingSettings } from "../../src/training/settings.js";

/**
 * Users of a few tastes: user `u` likes items `i` with `i % tastes == u % tastes`, all but a few of them. A model that learns
 * anything ranks the left-out items of the own taste above the rest.
 */
export function tasteWorld(users = 24, items = 32, tastes = 4): Interactions {
  const offsets = new Int32Array(users + 1);
  const ids: number[] = [];
  for (let u = 0; u < users; u++) {
    for (let i = u % tastes; i < items; i += tastes) if ((i + 3 * u) % 5 !== 0) ids.push(i);
    offsets[u + 1] = ids.length;
  }
  return { users, items, offsets, itemIds: Int32Array.from(ids) };
}

/** Share of (user, left-out own-taste item) pairs that score above the mean of the other tastes. */
export function tasteAccuracy(scorer: Scorer, kernels: Kernels, world: Interactions, tastes = 4): number {
  const scores = kernels.f32(world.users * world.items);
  if (scorer.kind === "block") {
    scorer.scoreUsers(kernels.i32From(Int32Array.from({ length: world.users }, (_, u) => u)), world.users, scores);
  } else {
    const { user, item, cols } = scorer;
    for (let u = 0; u < world.users; u++) {
      for (let i = 0; i < world.items; i++) {
        let dot = 0;
        for (let c = 0; c < cols; c++) dot += (user[u * cols + c] as number) * (item[i * cols + c] as number);
        scores[u * world.items + i] = dot;
      }
    }
  }
  let right = 0;
  let all = 0;
  for (let u = 0; u < world.users; u++) {
    const row = scores.subarray(u * world.items, (u + 1) * world.items);
    const others = [...row].filter((_, i) => i % tastes !== u % tastes);
    const mean = others.reduce((a, b) => a + b, 0) / others.length;
    for (let i = u % tastes; i < world.items; i += tastes) {
      if ((i + 3 * u) % 5 !== 0) continue;
      all++;
      if ((row[i] as number) > mean) right++;
    }
  }
  return right / all;
}

export const SETTINGS: TrainingSettings = {
  epochs: 6,
  batch: 32,
  negatives: 1,
  optimiser: { optimizer: "adam", learningRate: 0.05, weightDecay: 1e-3, decoupled: false },
  earlyStop: null,
  keepBest: [],
  patience: 2,
  evalEvery: 1,
  validCandidates: null,
  snapshots: 0,
  seed: 0,
};

/** Checkpoints in memory, every save kept. */
export class MemoryCheckpoints implements Checkpoints {
  readonly saved: Uint8Array[] = [];
  constructor(private readonly start: Uint8Array | null = null) {}
  async load() {
    return this.start;
  }
  async save(bytes: Uint8Array) {
    this.saved.push(bytes.slice());
  }
}

/** Pauses that save after every epoch and never wait. */
export const savingPauses = (signal = new AbortController().signal): Pauses =>
  createPauses({ signal, saveEvery: 0, grace: 0, turn: Number.POSITIVE_INFINITY, now: () => 0 });

export interface Trial {
  readonly model: ModelDefinition;
  readonly params: Readonly<Record<string, unknown>>;
  readonly world: Interactions;
  readonly settings?: Partial<TrainingSettings>;
  readonly lesson?: TrainingSession["lesson"];
  readonly session?: Partial<TrainingSession>;
}

/** Trains a small model and collects what it told. */
export async function trial(
  options: Trial,
): Promise<TrainedModel & { events: NodeEvent[]; notes: string[]; kernels: Kernels }> {
  const kernels = await createKernels();
  const events: NodeEvent[] = [];
  const notes: string[] = [];
  const settings = { ...SETTINGS, ...options.settings };
  const streams = createStreams(settings.seed, "model");
  const result = await runTraining({
    node: "student",
    kernels,
    train: options.world,
    settings,
    streams,
    createModel: (own) =>
      options.model.create({
        params: options.params as Parameters<ModelDefinition["create"]>[0]["params"],
        users: options.world.users,
        items: options.world.items,
        train: options.world,
        streams,
        kernels: own,
      }) as ModelInstance,
    lesson: options.lesson ?? null,
    validation: null,
    snapshotLength: 5,
    forms: "fastest",
    tensorflow: async () => (await loadTensorflow()).tf,
    checkpoints: new MemoryCheckpoints(),
    pauses: savingPauses(),
    emit: (event) => events.push(event),
    note: (text) => notes.push(text),
    ...options.session,
  });
  return { ...result, events, notes, kernels };
}

/** A loss of a lesson without teachers. */
export const lessonLoss = (definition: LossDefinition, name = "loss", position = 0, weight = 1) => ({
  name,
  definition,
  params: { weight },
  teachers: [],
  streams: createStreams(0, lossFamily(name, position)),
});
