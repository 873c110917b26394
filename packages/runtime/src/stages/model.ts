import type { ClosedFormInstance, Interactions, Kernels, ModelDefinition, ModelInstance } from "@kdp/plugin-api";
import { loadDevice } from "../devices/load-device.js";
import { readHeldOut } from "../evaluation/held-out.js";
import { loadMetrics } from "../evaluation/load-metrics.js";
import { prepareEvaluation } from "../evaluation/prepare-evaluation.js";
import { createStreams } from "../random/streams.js";
import { nodeRanker } from "../ranking/node-ranker.js";
import type { Ranker } from "../ranking/ranker.js";
import { CURVES_TABLE, curvesToTable } from "../tables/curves.js";
import { keptTableName, matrixToTable } from "../tables/factors.js";
import { rankingToTable, trajectoryTableName } from "../tables/rankings.js";
import { readEvents } from "../tables/read-input.js";
import { writeFittedModel } from "../teachers/fitted-model.js";
import { loadTensorflow } from "../tensors/load-tensorflow.js";
import type { StoppingRule } from "../training/early-stopping.js";
import { createPauses } from "../training/pauses.js";
import { runTraining, type TrainedModel } from "../training/session.js";
import { type TrainingSettings, trainingSettings } from "../training/settings.js";
import { SNAPSHOT_LENGTH } from "../training/snapshots.js";
import type { Validation } from "../training/train.js";
import { readLesson } from "./lesson.js";
import { inputOf, type StageContext, type StageExecutor } from "./stage.js";
import { requireValidUsers, requireWatchedValues } from "./watched-values.js";

/** Metrics of the validation curve beside the one that stops training. */
const CURVE_METRICS = ["recall@10", "ndcg@10"];
const SAVE_EVERY_MS = 15_000;
const GRACE_MS = 2_000;
const TURN_MS = 50;

/** A model: fitted in closed form, trained plainly, or taught by the node's lesson. */
export const run: StageExecutor = async (context) => {
  const { node, plugins } = context;
  const definition = await plugins.model(node.plugin, node.stage);
  const train = readEvents(inputOf(context, "events"), node.id);
  const kernels = await context.kernels();
  if (definition.trained) await trainModel(context, definition, kernels, train);
  else fitModel(context, definition, kernels, train);
};

function create(
  { node }: StageContext,
  definition: ModelDefinition,
  kernels: Kernels,
  train: Interactions,
): ModelInstance | ClosedFormInstance {
  return definition.create({
    // The compiler has checked the arguments against the schema that types them.
    params: node.params as Parameters<ModelDefinition["create"]>[0]["params"],
    users: train.users,
    items: train.items,
    train,
    streams: createStreams(typeof node.params.seed === "number" ? node.params.seed : 0, node.stage),
    kernels,
  });
}

function fitModel(context: StageContext, definition: ModelDefinition, kernels: Kernels, train: Interactions): void {
  const { node, output } = context;
  const instance = create(context, definition, kernels, train);
  if (!("fit" in instance)) throw new Error(`${node.stage} says that it is not trained, but has nothing to fit`);
  const tables = instance.fit();
  const scorer = instance.scorer(inKernelMemory(kernels, tables)).kind;
  const { stage, plugin, params } = node;
  writeFittedModel(output, { stage, plugin, params, tables, scorer }, inputOf(context, "events"), node.id);
}

const inKernelMemory = (kernels: Kernels, tables: TrainedModel["tables"]): TrainedModel["tables"] =>
  Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [name, { ...table, values: kernels.f32From(table.values) }]),
  );

async function trainModel(
  context: StageContext,
  definition: ModelDefinition,
  kernels: Kernels,
  train: Interactions,
): Promise<void> {
  const { node, output } = context;
  const settings = trainingSettings(node.params);
  const note = (text: string) => {
    output.note(text);
    context.emit({ type: "note", text });
  };
  const ranker = nodeRanker(context, kernels);
  const result = await runTraining({
    node: node.id,
    kernels,
    train,
    settings,
    streams: createStreams(settings.seed, node.stage),
    createModel(own) {
      const instance = create(context, definition, own, train);
      if ("fit" in instance) throw new Error(`${node.stage} says that it is trained, but is fitted in closed form`);
      return instance;
    },
    lesson: await readLesson(context, kernels, ranker, settings.seed),
    validation: await readValidation(context, kernels, ranker, settings, note),
    ranker,
    snapshotLength: Math.min(SNAPSHOT_LENGTH, train.items),
    forms: "fastest",
    tensorflow: async () => (await loadTensorflow()).tf,
    device: await loadDevice(context.device, node.id),
    checkpoints: context.checkpoints,
    pauses: createPauses({
      signal: context.signal,
      saveEvery: SAVE_EVERY_MS,
      grace: GRACE_MS,
      turn: TURN_MS,
      now: () => performance.now(),
    }),
    emit: (event) => context.emit(event),
    note,
  });
  writeTrained(context, result);
}

function writeTrained(context: StageContext, result: TrainedModel): void {
  const { node, output } = context;
  const { tables, scorer, trained, ranking } = result;
  const { stage, plugin, params } = node;
  writeFittedModel(output, { stage, plugin, params, tables, scorer }, inputOf(context, "events"), node.id);
  output.table(CURVES_TABLE, curvesToTable(trained.curve));
  output.facts({ epochs: trained.epochs, trained_epochs: trained.trainedEpochs });
  writeKept(context, result);
  if (!ranking) return;
  const trajectory = [...trained.snapshots, { epochs: trained.epochs, ranking }];
  trajectory.forEach((snapshot, k) => {
    output.table(trajectoryTableName(k), rankingToTable(snapshot.ranking));
  });
  output.facts({ snapshot_epochs: trajectory.map(({ epochs }) => epochs) });
}

/** The parameters at the best epoch of each metric of `keep_best`, for `evaluate` to measure that metric by. */
function writeKept({ node, output }: StageContext, { tables, trained }: TrainedModel): void {
  const metrics = Array.isArray(node.params.keep_best) ? node.params.keep_best.map(String) : [];
  const kept = metrics.filter((metric) => trained.kept[metric]);
  kept.forEach((metric, k) => {
    for (const [name, values] of Object.entries(trained.kept[metric]?.parameters ?? {})) {
      const { rows, cols } = tables[name] ?? { rows: 0, cols: 0 };
      output.table(keptTableName(k, name), matrixToTable({ rows, cols, values }));
    }
  });
  if (kept.length === 0) return;
  output.facts({ kept_metrics: kept, kept_epochs: kept.map((metric) => trained.kept[metric]?.epochs ?? 0) });
}

/** What `valid:` measures; null without it. */
async function readValidation(
  context: StageContext,
  kernels: Kernels,
  ranker: Ranker,
  settings: TrainingSettings,
  note: (text: string) => void,
): Promise<Validation | null> {
  const input = context.inputs.find(({ port }) => port === "valid");
  if (!input) return null;
  const { earlyStop, keepBest, validCandidates: count, seed } = settings;
  const watched = [...(earlyStop ? [earlyStop] : []), ...keepBest];
  const metrics = await loadMetrics([...watched, ...CURVE_METRICS], context.plugins);
  const prepared = prepareEvaluation({
    node: context.node.id,
    kernels,
    ranker,
    heldOut: readHeldOut(input, context.node.id),
    metrics,
    candidates: count === null ? null : { count, seed },
  });
  requireValidUsers(prepared.users, context.node.id);
  for (const text of prepared.notes) note(text);
  const rule: StoppingRule = {
    watched: metrics
      .filter(({ key }) => watched.includes(key))
      .map(({ key, definition }) => ({ metric: key, higherIsBetter: definition.higherIsBetter })),
    chosen: earlyStop,
    patience: earlyStop ? settings.patience : null,
  };
  return {
    every: settings.evalEvery,
    stopping: watched.length > 0 ? rule : null,
    evaluate: async (scorer) => {
      const { values } = await prepared.evaluate(scorer);
      requireWatchedValues(values, { watched, earlyStop, node: context.node.id });
      return values;
    },
  };
}
