import type { PlanNode } from "@kdp/dsl";
import type { Kernels } from "@kdp/plugin-api";
import type { ChosenDevice } from "../devices/choose-devices.js";
import type { NodeEvent } from "../events/events.js";
import type { PluginRegistry } from "../plugins/registry.js";
import type { ArtefactReader, ArtefactWriter } from "../store/artefact.js";

export interface StageInput {
  readonly port: string;
  readonly index: number | null;
  readonly label: string | null;
  /** Display name of the producing node. */
  readonly node: string;
  readonly output: string | null;
  readonly artefact: ArtefactReader;
}

/** Saved state of an unfinished node, kept beside the store and dropped when the node's artefact is published. */
export interface Checkpoints {
  /** Latest complete checkpoint of this key, or null. A torn or foreign file is ignored. */
  load(): Promise<Uint8Array | null>;
  /** Atomic: written to a temporary file, fsync'd, renamed. */
  save(bytes: Uint8Array): Promise<void>;
}

/** Everything that the code of a stage may touch. It runs inside a worker process. */
export interface StageContext {
  readonly node: PlanNode;
  readonly key: string;
  readonly inputs: readonly StageInput[];
  /** Absolute paths of the node's files, by argument. */
  readonly files: Readonly<Record<string, string>>;
  readonly output: ArtefactWriter;
  readonly checkpoints: Checkpoints;
  readonly plugins: PluginRegistry;
  /** What a stage that trains computes on. */
  readonly device: ChosenDevice;
  /** Created on first use. */
  kernels(): Promise<Kernels>;
  emit(event: NodeEvent): void;
  /** Aborted on SIGINT, SIGTERM or timeout: save a checkpoint and throw `signal.reason`. */
  readonly signal: AbortSignal;
}

/** The code behind a stage, or behind all stages of a plugin kind. */
export type StageExecutor = (context: StageContext) => Promise<void>;

/** The single input of a port. @throws Error when the plan gave none (a bug of the compiler). */
export function inputOf(context: StageContext, port: string): StageInput {
  const found = context.inputs.find((input) => input.port === port);
  if (!found) throw new Error(`node ${context.node.id} has no input on port "${port}"`);
  return found;
}

/** The inputs of a list port, in order. */
export function inputsOf(context: StageContext, port: string): readonly StageInput[] {
  return context.inputs.filter((input) => input.port === port).sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
}
