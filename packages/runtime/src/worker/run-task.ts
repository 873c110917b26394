import { fileURLToPath } from "node:url";
import type { NodeEvent } from "../events/events.js";
import { peakMemory, resetPeakMemory } from "../memory/peak-memory.js";
import { faultOf } from "../plugins/blame.js";
import type { LoadedPlugins } from "../plugins/loaded-registry.js";
import { runNode } from "./run-node.js";
import { workerServices } from "./services.js";
import { subjectOf, type Task, type TaskOutcome } from "./task.js";
import type { ThreadGrant } from "./thread-grant.js";

export interface TaskHost {
  readonly signal: AbortSignal;
  /** Of all tasks that this process runs, which are of one run. */
  readonly plugins: LoadedPlugins;
  readonly threads: ThreadGrant;
  emit(event: NodeEvent): void;
}

/** Folders whose code is kdp's own, for telling a bug of kdp from a fault of a plugin. */
export function ownFolders(): readonly string[] {
  const packages = ["../..", ...["@kdp/kernels", "@kdp/dsl", "@kdp/plugin-api"].map(resolved)];
  return packages.map((at) => (at.startsWith("..") ? folderOf(new URL(at, import.meta.url).href) : folderOf(at)));
}

/** Folder of an installed package: that above its `dist`. */
const resolved = (name: string): string => new URL("..", import.meta.resolve(name)).href;
const folderOf = (url: string): string => fileURLToPath(url).replace(/[\\/]$/, "");

/** Runs a task to its end. Never throws: whatever happens inside is an outcome. */
export async function runTask(task: Task, host: TaskHost): Promise<TaskOutcome> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  await resetPeakMemory();
  try {
    const { store, checkpoints } = workerServices(task.kdpFolder);
    if (task.kind === "node") await runNode(task, { store, checkpoints: checkpoints(task.key), ...host });
    else {
      const { writeExport } = await import("../exports/write-export.js");
      await writeExport(task, store, host.plugins);
    }
    return { ok: true, seconds: seconds(), peakRssBytes: peakMemory() };
  } catch (error) {
    const fault = faultOf(error, { subject: subjectOf(task), plugins: task.plugins, ownFolders: ownFolders() });
    return { ok: false, seconds: seconds(), fault, peakRssBytes: peakMemory() };
  }
}
