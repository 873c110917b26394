import type { PlanNode } from "@kdp/dsl";
import type { FaultData } from "../faults.js";
import { subjectOf, type Task } from "../worker/task.js";
import type { MemoryEstimate } from "./estimate.js";

/** A wasm32 memory at its largest, less the page at its end that kernels cannot use. */
export const KERNEL_LIMIT = 2 ** 32 - 2 ** 16;

/** In the units, and the steps of 1024, in which `@run(memory: 16GB)` is written. */
const sizeText = (bytes: number): string =>
  bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MB` : `${(bytes / 2 ** 30).toFixed(2)} GB`;

const gibText = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/** Why a node cannot be computed within its memory; null when nothing is known against it. */
export function memoryFault(node: Pick<PlanNode, "id" | "run">, estimate: MemoryEstimate): FaultData | null {
  const { bytes, basis, tables } = estimate;
  if (tables > KERNEL_LIMIT) return tablesFault(node.id, tables);
  const bound = node.run.memoryBytes;
  // What a file that nobody read yet will take is too rough to refuse a run for.
  if (bound === undefined || bytes === null || bytes <= bound || basis !== "data") return null;
  return {
    code: "KDP5514",
    kind: "user",
    message: `it needs about ${sizeText(bytes)} of memory, and \`@run(memory: …)\` gives it ${sizeText(bound)}`,
    place: node.id,
    fix: "raise `memory:`, or lower dim, batch, top or the number of candidates",
  };
}

/** Tables under training that the kernels' memory cannot hold. */
export const tablesFault = (place: string, bytes: number, limit: number = KERNEL_LIMIT): FaultData => ({
  code: "KDP8015",
  kind: "run",
  message: `its tables need ${gibText(bytes)} with gradients and the optimiser's state; the memory of the device cpu ends at ${gibText(limit)}`,
  place,
  argument: "dim",
  fix: "lower dim, leave out rare users and items (`core: 5`), take an optimizer with less state (adagrad, sgd), or a GPU (`--device webgpu`)",
});

/** A process that reached the bound of `@run(memory: …)`. Not tried again: it would grow as large a second time. */
export const boundFault = (task: Task, resident: number, bound: number): FaultData => ({
  code: "KDP8006",
  kind: "run",
  message: `its process took ${sizeText(resident)} of memory, more than the ${sizeText(bound)} of \`@run(memory: …)\``,
  place: subjectOf(task).id,
  fix: "raise `memory:`, or use smaller dim, batch or top",
});
