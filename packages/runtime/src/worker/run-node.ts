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
import type { ThreadGrant } from "./thread-grant.js";

export interface NodeHost {
  readonly store: ArtefactStore;
  readonly checkpoints: FileCheckpoints;
  readonly signal: AbortSignal;
  readonly plugins: LoadedPlugins;
  readonly threads: ThreadGrant;
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
  const own: { kernels: Promise<NodeKernels> | null } = { kernels: null };
  const context: StageContext = {
    node,
    key,
    inputs,
    files: task.files,
    output,
    checkpoints: host.checkpoints,
    plugins: loadedRegistry(task.plugins, host.plugins),
    device: task.device,
    kernels: async () => {
      own.kernels ??= freshKernels(host.threads);
      return (await own.kernels).kernels;
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
      threads: (await own.kernels)?.threads() ?? 1,
    });
    host.checkpoints.drop();
  } finally {
    await (await own.kernels?.catch(() => null))?.close();
    output.abandon();
  }
}

interface NodeKernels {
  readonly kernels: Kernels;
  /** Threads that computed something. */
  threads(): number;
  close(): Promise<void>;
}

/** A memory of its own for each node: what one node leaves behind must not narrow the next. */
async function freshKernels(grant: ThreadGrant): Promise<NodeKernels> {
  const { createKernels, teamOf } = await import("@kdp/kernels");
  const kernels = await createKernels();
  const team = teamOf(kernels);
  team?.grant(grant.threads);
  const endGrant = grant.onChange((threads) => team?.grant(threads));
  return {
    kernels,
    threads: () => team?.used ?? 1,
    async close() {
      endGrant();
      await team?.close();
    },
  };
}
