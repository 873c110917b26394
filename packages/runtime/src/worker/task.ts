import type { PlanInput, PlanNode } from "@kdp/dsl";
import type { NodeEvent } from "../events/events.js";
import type { FaultData } from "../faults.js";
import type { PluginSource } from "../plugins/plugin-source.js";

interface TaskBase {
  readonly kdpTask: 1;
  /** The `.kdp` folder with the artefact store. */
  readonly kdpFolder: string;
  readonly plugins: readonly PluginSource[];
}

/** One node to compute. Plain data: it goes through a pipe, or through a file to `kdp exec-node`. */
export interface NodeTask extends TaskBase {
  readonly kind: "node";
  readonly node: PlanNode;
  readonly key: string;
  readonly inputs: readonly (PlanInput & { readonly key: string })[];
  /** Absolute paths by argument. */
  readonly files: Readonly<Record<string, string>>;
  /** URL of the module that runs the node. */
  readonly module: string;
}

/** One export of a model in one format. Runs plugin code, so it runs in a worker too. */
export interface ExportTask extends TaskBase {
  readonly kind: "export";
  readonly name: string;
  /** The node that computed the model: the winner, where the pipeline exports a `best_of`. */
  readonly node: PlanNode;
  readonly key: string;
  /** The inputs of that node: the events tell the source's ids. */
  readonly inputs: NodeTask["inputs"];
  readonly format: { readonly name: string; readonly plugin: string };
  /** Existing folder that the files are written to. */
  readonly folder: string;
}

export type Task = NodeTask | ExportTask;

export type TaskOutcome =
  | { readonly ok: true; readonly seconds: number; readonly peakRssBytes: number }
  | { readonly ok: false; readonly seconds: number; readonly fault: FaultData };

/** Why a task is to stop. */
export type StopReason = "timeout" | "SIGINT" | "SIGTERM" | "run-gone";

export type ToWorker =
  | { readonly type: "run"; readonly id: number; readonly task: Task; readonly timeoutSeconds: number | null }
  | { readonly type: "stop"; readonly id: number; readonly reason: StopReason };

export type FromWorker =
  | { readonly type: "event"; readonly id: number; readonly event: NodeEvent }
  | { readonly type: "done"; readonly id: number; readonly outcome: TaskOutcome };

/** Line on stdout and stderr behind the last output of a task, so that output and tasks can be told apart. */
export const endOfOutput = (id: number): string => `\u0000kdp:end:${id}`;
