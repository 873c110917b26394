import type {
  ClosedFormInstance,
  FittedTables,
  Interactions,
  Kernels,
  ModelDefinition,
  ModelInstance,
  Scorer,
  TrainingParams,
} from "@kdp/plugin-api";
import type { PluginRegistry } from "../plugins/registry.js";
import { createStreams } from "../random/streams.js";
import type { StageInput } from "../stages/stage.js";
import type { ArtefactReader, ArtefactWriter } from "../store/artefact.js";
import { FACTOR_FIELDS, factorTableName, keptTableName, matrixFromTable, matrixToTable } from "../tables/factors.js";
import { readTable } from "../tables/read-input.js";
import { readTrain, writeUniverse } from "./universe.js";

/** What a model's artefact holds beside curves and snapshots. */
export interface FittedModel {
  readonly stage: string;
  readonly plugin: string;
  /** Resolved arguments, the shared ones of training included. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly tables: FittedTables;
  readonly scorer: Scorer["kind"];
}

/**
 * Writes a fitted model: a table `table.<name>` for each of its own, the events and ids that it learned from, and the facts
 * that {@link openModel} needs to make a scorer of it again.
 */
export function writeFittedModel(output: ArtefactWriter, model: FittedModel, events: StageInput, node: string): void {
  for (const [name, matrix] of Object.entries(model.tables)) output.table(factorTableName(name), matrixToTable(matrix));
  writeUniverse(output, events, node);
  output.facts({
    teacher: "model",
    stage: model.stage,
    plugin: model.plugin,
    params: JSON.stringify(model.params),
    scorer: model.scorer,
    parameters: Object.values(model.tables).reduce((sum, { values }) => sum + values.length, 0),
    bytes: Object.values(model.tables).reduce((sum, { values }) => sum + values.byteLength, 0),
  });
}

export interface OpenedModel {
  readonly instance: ModelInstance | ClosedFormInstance;
  /** In the memory of the kernels. */
  readonly tables: FittedTables;
  readonly train: Interactions;
  scorer(): Scorer;
  /** Scorers of the best epochs of the metrics that `keep_best` named, by metric key. */
  readonly kept: ReadonlyMap<string, () => Scorer>;
}

/** Makes a model of its artefact again, with its tables in kernel memory. */
export async function openModel(
  input: StageInput,
  plugins: PluginRegistry,
  kernels: Kernels,
  node: string,
): Promise<OpenedModel> {
  const { stage, plugin, params } = modelFactsOf(input.artefact, node);
  const definition: ModelDefinition = await plugins.model(plugin, stage);
  const train = readTrain(input, node);
  const seed = typeof params.seed === "number" ? params.seed : 0;
  const instance = definition.create({
    params: params as TrainingParams,
    users: train.users,
    items: train.items,
    train,
    streams: createStreams(seed, stage),
    kernels,
  });
  const read = (prefix: string) => readFittedTables(input, prefix, kernels, node);
  const tables = read(factorTableName(""));
  const metrics = input.artefact.meta.facts.kept_metrics;
  const kept = (Array.isArray(metrics) ? metrics : []).map((metric, k): [string, () => Scorer] => [
    String(metric),
    () => instance.scorer(read(keptTableName(k, ""))),
  ]);
  return { instance, tables, train, scorer: () => instance.scorer(tables), kept: new Map(kept) };
}

function readFittedTables(input: StageInput, prefix: string, kernels: Kernels, node: string): FittedTables {
  const names = tableNames(input.artefact).filter((name) => name.startsWith(prefix));
  return Object.fromEntries(
    names.map((name) => {
      const matrix = matrixFromTable(readTable(input, name, FACTOR_FIELDS, node));
      return [name.slice(prefix.length), { ...matrix, values: kernels.f32From(matrix.values) }];
    }),
  );
}

const tableNames = (artefact: ArtefactReader): readonly string[] => artefact.meta.tables.map(({ name }) => name);

function modelFactsOf({ meta }: ArtefactReader, node: string) {
  const { stage, plugin, params } = meta.facts;
  if (typeof stage !== "string" || typeof plugin !== "string" || typeof params !== "string") {
    throw new Error(`the artefact of ${meta.node}, which ${node} reads, is no model`);
  }
  return { stage, plugin, params: JSON.parse(params) as Readonly<Record<string, unknown>> };
}
