import { writeSync } from "node:fs";
import type { Device, DeviceProbe } from "@kdp/plugin-api/device";
import { deviceOf } from "./device-module.js";
import { ANSWER } from "./probe-process.js";

/** Child process of `probeInProcess`: tries the device of a module, prints the answer, and ends. */
async function answer(entry: string): Promise<DeviceProbe> {
  let device: Device;
  try {
    device = await deviceOf(entry);
  } catch (error) {
    return { usable: false, reason: `its package cannot be loaded: ${textOf(error)}`, mend: "install it again" };
  }
  try {
    return await device.probe();
  } catch (error) {
    return { usable: false, reason: textOf(error), mend: null };
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

writeSync(1, `\n${ANSWER}${JSON.stringify(await answer(process.argv[2] ?? ""))}\n`);
// A driver's threads would keep the process, and their end at a normal exit may crash.
process.kill(process.pid, "SIGKILL");
