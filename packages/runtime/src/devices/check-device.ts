import type { LoadedDevice } from "@kdp/plugin-api/device";
import { RuntimeFault } from "../faults.js";

/**
 * @param node its name, for the fault
 * @throws RuntimeFault KDP8006, KDP8011 what the device reported since it was last asked: its numbers are then worth nothing
 */
export function checkDevice(device: Pick<LoadedDevice, "failure" | "found">, node: string): void {
  const failure = device.failure?.() ?? null;
  if (failure === null) return;
  const memory = failure.kind === "memory";
  throw new RuntimeFault({
    code: memory ? "KDP8006" : "KDP8011",
    kind: "run",
    message: `${device.found} ${memory ? "has no memory left" : failure.kind === "lost" ? "was lost" : "failed"}: ${failure.message}`,
    place: node,
    fix: memory
      ? 'train with a smaller batch or width, or give this node @run(device: "cpu")'
      : 'run again: what was saved is kept; if it comes back, update the driver or take @run(device: "cpu")',
    retriable: failure.kind === "lost",
  });
}
