import type { Kernels } from "@kdp/plugin-api";
import type { NodeEvent } from "../events/events.js";
import { peakMemory } from "../memory/peak-memory.js";
import { type LoadedPlugins, loadedRegistry } from "../plugins/loaded-registry.js";
import { loadExecutor } from "../stages/registry.js";
import type { StageContext } from "../stages/stage.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import type { FileCheckpoints } from "../store/checkpoints.js";
import { cpuClock } from "./cpu-clock.js";
import type { NodeTask } from "./task.js";

export interface NodeHost {
  readonly store: ArtefactStore;
  readonly checkpoints: FileCheckpoints;
  readonly signal: AbortSignal;
  readonly plugins: LoadedPlugins;
  emit(event: NodeEvent): void;
}

/** Computes one node and publishes its artefact. @throws whatever the stage throws; nothing is published then */
export async function runNode(task: NodeTask, host: NodeHost): Promise<void> {
  const started = performance.now();
  const cpuSeconds = cpuClock();
  const { node, key } = task;
  const execute = await loadExecutor(task.module);
  const inputs = await Promise.all(
    task.inputs.map(async ({ key: inputKey, ...input }) => ({ ...input, artefact: await host.store.open(inputKey) })),
  );
  const output = await host.store.draft(key);
  let kernels: Promise<Kernels> | null = null;
  const context: StageContext = {
    node,
    key,
    inputs,
    files: task.files,
    output,
    checkpoints: host.checkpoints,
    plugins: loadedRegistry(task.plugins, host.plugins),
    device: task.device,
    kernels: () => {
      kernels ??= freshKernels();
      return kernels;
    },
    emit: host.emit,
    signal: host.signal,
  };
  try {
    await execute(context);
    await output.publish({
      stage: node.stage,
      node: node.id,
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: cpuSeconds(),
      createdAt: new Date().toISOString(),
      peakRssBytes: peakMemory(),
    });
    host.checkpoints.drop();
  } finally {
    output.abandon();
  }
}

/** A memory of its own for each node: what one node leaves behind must not narrow the next. */
async function freshKernels(): Promise<Kernels> {
  const { createKernels } = await import("@kdp/kernels");
  return createKernels();
}
