import type { FittedTables, Plugin, TrainingParams } from "@kdp/plugin-api";
import { createStreams } from "../../src/random/streams.js";
import { inputOf, type StageExecutor } from "../../src/stages/stage.js";
import { rankingToTable, trajectoryTableName } from "../../src/tables/rankings.js";
import { readEvents } from "../../src/tables/read-input.js";
import { writeFittedModel } from "../../src/teachers/fitted-model.js";
import { type Ran, runStage } from "./stage-harness.js";

export interface FitOptions {
  readonly plugin: Plugin;
  readonly stage: string;
  readonly split: Ran;
  readonly params?: Readonly<Record<string, number | string | boolean>>;
  /** Tables of the fitted model; a closed-form model makes its own. */
  readonly tables?: FittedTables;
  /** Rankings `[snapshot][user][place]` of a trajectory, with the epochs they were taken at. */
  readonly snapshots?: { readonly epochs: readonly number[]; readonly ids: readonly (readonly number[])[][] };
}

/** The artefact of a model of the library with given (or closed-form) tables: what `stages/model` writes, without training. */
export function fitModel(options: FitOptions): Promise<Ran> {
  const { plugin, stage, split, params = {} } = options;
  const fit: StageExecutor = async (context) => {
    const { node, output } = context;
    const events = inputOf(context, "events");
    const train = readEvents(events, node.id);
    const definition = await context.plugins.model(plugin.name, stage);
    const instance = definition.create({
      params: node.params as unknown as TrainingParams,
      users: train.users,
      items: train.items,
      train,
      streams: createStreams(0, stage),
      kernels: await context.kernels(),
    });
    const tables = options.tables ?? ("fit" in instance ? instance.fit() : null);
    if (!tables) throw new Error(`${stage} is no closed-form model: give its tables`);
    const scorer = instance.scorer(tables).kind;
    writeFittedModel(output, { stage, plugin: plugin.name, params: node.params, tables, scorer }, events, node.id);
    options.snapshots?.ids.forEach((lists, i) => {
      const k = lists[0]?.length ?? 0;
      const ranking = { rows: lists.length, k, ids: Int32Array.from(lists.flat()), scores: null };
      output.table(trajectoryTableName(i), rankingToTable(ranking));
    });
    if (options.snapshots) output.facts({ snapshot_epochs: options.snapshots.epochs });
  };
  return runStage(fit, { stage, kind: "model", plugin, params, inputs: [["events", split, "train"]] });
}
