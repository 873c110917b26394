import { fileURLToPath } from "node:url";
import { isInputError } from "@kdp/plugin-api";
import { type FaultData, RuntimeFault } from "../faults.js";
import { writeFault } from "../store/fs-faults.js";
import type { Subject } from "../worker/task.js";
import type { PluginSource } from "./plugin-source.js";

export interface BlameContext {
  readonly subject: Subject;
  readonly plugins: readonly PluginSource[];
  /** Folders of kdp's own packages that run in a worker. */
  readonly ownFolders: readonly string[];
}

/**
 * Whose fault an exception of a node is. A {@link RuntimeFault} says so itself; otherwise the innermost frame of the stack
 * that lies in a plugin or in kdp tells. Frames of libraries (TensorFlow.js called with the wrong shapes) are passed over.
 */
export function faultOf(error: unknown, context: BlameContext): FaultData {
  const known = writeFault(error, context.subject.id);
  if (known instanceof RuntimeFault) {
    const stack = known.data.stack ?? known.stack;
    return { ...known.data, place: known.data.place ?? context.subject.id, ...(stack ? { stack } : {}) };
  }
  if (isInputError(error)) {
    const { code, message, place = context.subject.id, fix } = error;
    return { code, kind: "user", message, place, ...(fix ? { fix } : {}) };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  if (isKernelMemoryEnd(error)) {
    return {
      code: "KDP8015",
      kind: "run",
      message: error.message,
      place: context.subject.id,
      fix: "lower dim, leave out rare users and items (`core: 5`), or use a GPU (`--device webgpu`)",
      ...(stack ? { stack } : {}),
    };
  }
  if (isOutOfMemory(error)) {
    return {
      code: "KDP8006",
      kind: "run",
      message,
      place: context.subject.id,
      fix: "use smaller dim, batch or top, or run fewer nodes at once with --jobs 1",
      ...(stack ? { stack } : {}),
    };
  }
  const plugin = culprit(stack, context);
  if (plugin) {
    const { name, version } = plugin.manifest;
    return {
      code: "KDP8007",
      kind: "run",
      message,
      place: `${context.subject.id}, in plugin ${name} ${version}`,
      fix: `this is an error of the plugin ${name}; tell its authors, with the stack in the node's log`,
      ...(stack ? { stack } : {}),
    };
  }
  return {
    code: "KDP9001",
    kind: "bug",
    message: `this is a bug in kdp: ${message}`,
    place: context.subject.id,
    fix: "please report it with the run's manifest.json and the log of the node",
    ...(stack ? { stack } : {}),
  };
}

/** A `KernelMemoryError`, known by its name: the kernels are loaded only by nodes that compute. */
const isKernelMemoryEnd = (error: unknown): error is Error =>
  error instanceof Error && error.name === "KernelMemoryError";

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof RangeError && /array buffer allocation failed|invalid (typed )?array length/i.test(error.message);

function culprit(stack: string | undefined, { subject, plugins, ownFolders }: BlameContext): PluginSource | null {
  // What is thrown without a stack (a string) tells nothing; the node's own plugin is the likely source.
  if (stack === undefined) return plugins.find(({ manifest }) => manifest.name === subject.plugin) ?? null;
  for (const line of stack.split("\n")) {
    const path = pathIn(line);
    if (path === null) continue;
    const plugin = plugins.find(({ folder }) => isBelow(path, folder));
    if (plugin) return plugin;
    if (ownFolders.some((folder) => isBelow(path, folder))) return null;
  }
  return null;
}

/** Code of a package, not of the packages installed below it. */
const isBelow = (path: string, folder: string): boolean =>
  path.startsWith(`${folder}/`) && !path.slice(folder.length).includes("/node_modules/");

function pathIn(line: string): string | null {
  const url = /(file:\/\/[^)\s]+?):\d+:\d+\)?$/.exec(line)?.[1];
  if (url) return fileURLToPath(url).replaceAll("\\", "/");
  return /\(?(\/[^)]+?):\d+:\d+\)?$/.exec(line)?.[1] ?? null;
}
