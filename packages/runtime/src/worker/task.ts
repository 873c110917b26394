import type { PlanInput, PlanNode } from "@kdp/dsl";
import type { ChosenDevice } from "../devices/choose-devices.js";
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
  readonly device: ChosenDevice;
}

/** A model in one export format. Runs plugin code, so it runs in a worker too; its files become an artefact. */
export interface ExportTask extends TaskBase {
  readonly kind: "export";
  readonly name: string;
  /** Of the artefact that holds the files. */
  readonly key: string;
  readonly model: { readonly node: string; readonly key: string };
  readonly format: { readonly name: string; readonly plugin: string };
}

export type Task = NodeTask | ExportTask;

/** What a task is about, for messages: its display name and the plugin whose code it runs. */
export interface Subject {
  readonly id: string;
  readonly plugin: string;
}

export const subjectOf = (task: Task): Subject =>
  task.kind === "node"
    ? { id: task.node.id, plugin: task.node.plugin }
    : { id: `export ${task.name}`, plugin: task.format.plugin };

export type TaskOutcome =
  | { readonly ok: true; readonly seconds: number; readonly peakRssBytes: number }
  | {
      readonly ok: false;
      readonly seconds: number;
      readonly fault: FaultData;
      /** Absent when its process died without telling. */
      readonly peakRssBytes?: number;
    };

/** Why a task is to stop. */
export type StopReason = "timeout" | "SIGINT" | "SIGTERM" | "run-gone";

export type ToWorker =
  | {
      readonly type: "run";
      readonly id: number;
      readonly task: Task;
      readonly timeoutSeconds: number | null;
      readonly threads: number;
    }
  /** From now on it may use so many threads. */
  | { readonly type: "threads"; readonly id: number; readonly threads: number }
  | { readonly type: "stop"; readonly id: number; readonly reason: StopReason };

export type FromWorker =
  | { readonly type: "event"; readonly id: number; readonly event: NodeEvent }
  | { readonly type: "done"; readonly id: number; readonly outcome: TaskOutcome };

/** Line on stdout and stderr behind the last output of a task, so that output and tasks can be told apart. */
export const endOfOutput = (id: number): string => `\u0000kdp:end:${id}`;
