import type { LoadedDevice } from "@kdp/plugin-api/device";
import { registerGradients } from "@kdp/plugin-api/gradients";
import { RuntimeFault } from "../faults.js";
import type { ChosenDevice } from "./choose-devices.js";
import { deviceOf } from "./device-module.js";

/**
 * Makes a device ready in this process; null for the CPU. The module that holds the device remembers that it was loaded, so
 * that a second node in the same process pays nothing.
 * @param place name of the node, for the fault
 * @throws RuntimeFault KDP8011 when the device cannot be loaded
 */
export async function loadDevice(chosen: ChosenDevice, place: string): Promise<LoadedDevice | null> {
  if (chosen.entry === null) return null;
  try {
    const device = await deviceOf(chosen.entry);
    const loaded = await device.load();
    const { numericClass = chosen.numericClass } = loaded;
    if (numericClass !== chosen.numericClass) {
      throw new Error(`it now computes with ${loaded.found} (${numericClass}), not as when it was tried`);
    }
    registerGradients(loaded.tf);
    return loaded;
  } catch (error) {
    throw new RuntimeFault(
      {
        code: "KDP8011",
        kind: "run",
        message: `the device "${chosen.name}" (${chosen.found}) could not be started: ${error instanceof Error ? error.message : String(error)}`,
        place,
        fix: "kdp doctor tries every device anew; --device cpu goes without",
      },
      { cause: error },
    );
  }
}
