import type { PlanNode } from "@kdp/dsl";
import type { StageExecutor } from "./stage.js";

/** Where the code of a stage is. Plain data, so that it can go to a worker. */
export interface StageModule {
  readonly url: string;
  /** Name of the {@link StageExecutor} that the module exports. */
  readonly name: string;
}

/** Code of each core stage, and of all stages of a plugin kind. */
export type StageModules = Readonly<Record<string, StageModule>>;

/** Always of the build, also when a test runs the sources: workers load plain JavaScript. */
const built = (file: string, name: string): StageModule => ({
  url: new URL(`../../dist/stages/${file}.js`, import.meta.url).href,
  name,
});

/** The runtime's own executors: four core stages, and one for each kind of plugin stage. */
export const runtimeStages: StageModules = {
  dataset: built("dataset", "runDataset"),
  rank: built("rank", "runRank"),
  evaluate: built("evaluate", "runEvaluate"),
  best_of: built("best-of", "runBestOf"),
  split: built("split", "runSplit"),
  model: built("model", "runModel"),
  ensemble: built("ensemble", "runEnsemble"),
  teacher: built("teacher", "runTeacher"),
};

/** The module that runs a node. @throws Error when the plan holds a stage that this runtime has no code for. */
export function moduleFor(node: Pick<PlanNode, "id" | "kind" | "stage">, modules: StageModules): StageModule {
  const name = node.kind === "core" ? node.stage : node.kind;
  const found = modules[name];
  if (!found) throw new Error(`no code for "${name}", the stage of node ${node.id}`);
  return found;
}

/** Loads an executor on first use: a worker that only splits data never loads TensorFlow.js. */
export async function loadExecutor({ url, name }: StageModule): Promise<StageExecutor> {
  const module: Readonly<Record<string, unknown>> = await import(url);
  const run = module[name];
  if (typeof run !== "function") throw new Error(`${url} exports no function "${name}"`);
  return run as StageExecutor;
}
