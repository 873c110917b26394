import type { Kernels, ParameterSpec } from "@kdp/plugin-api";
import { RuntimeFault } from "../faults.js";
import { tablesFault } from "../memory/memory-faults.js";
import { momentsOf, trainedBytes } from "../memory/stage-memory.js";

/**
 * Before the first table is made: several gigabytes would be filled with random numbers only to find that the last does not
 * fit.
 * @param optimizer null when its state lies elsewhere, on a device
 * @throws RuntimeFault KDP8015 when tables, gradients and state do not fit into the kernels' memory
 */
export function checkRoom(
  kernels: Kernels,
  parameters: readonly ParameterSpec[],
  optimizer: string | null,
  node: string,
): void {
  const numbers = parameters.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
  const bytes = trainedBytes(numbers, optimizer === null ? 0 : momentsOf(optimizer));
  const limit = kernels.limitBytes ?? Number.POSITIVE_INFINITY;
  if (kernels.bytesInUse + bytes > limit) throw new RuntimeFault(tablesFault(node, bytes, limit));
}
