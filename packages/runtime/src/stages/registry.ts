import type { PlanNode } from "@kdp/dsl";
import { builtModule } from "../project/built-module.js";
import type { StageExecutor } from "./stage.js";

/** URL of the module behind each core stage, and behind all stages of a plugin kind. The module exports `run`. */
export type StageModules = Readonly<Record<string, string>>;

const built = (file: string): string => builtModule(`stages/${file}`);

/** The runtime's own executors: five core stages, and one for each kind of plugin stage. */
export const runtimeStages: StageModules = {
  dataset: built("dataset"),
  rank: built("rank"),
  clusters: built("clusters"),
  evaluate: built("evaluate"),
  best_of: built("best-of"),
  split: built("split"),
  model: built("model"),
  ensemble: built("ensemble"),
  teacher: built("teacher"),
};

/** The module that runs a node. @throws Error when the plan holds a stage that this runtime has no code for. */
export function moduleFor(node: Pick<PlanNode, "id" | "kind" | "stage">, modules: StageModules): string {
  const name = node.kind === "core" ? node.stage : node.kind;
  const found = modules[name];
  if (!found) throw new Error(`no code for "${name}", the stage of node ${node.id}`);
  return found;
}

/** Loads an executor on first use: a worker that only splits data never loads TensorFlow.js. */
export async function loadExecutor(url: string): Promise<StageExecutor> {
  const module: { readonly run?: StageExecutor } = await import(url);
  if (typeof module.run !== "function") throw new Error(`${url} exports no function "run"`);
  return module.run;
}
