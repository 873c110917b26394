import { fileURLToPath, pathToFileURL } from "node:url";
import { packageEntry } from "../plugins/package-entry.js";
import { findPackage } from "../project/packages.js";

/** A device that has a package of its own, which a person may install. */
export interface KnownDevice {
  readonly name: string;
  readonly package: string;
  /** Whether it has the kernels that rank (`DeviceKernels.topK`, `rankCounts`). */
  readonly ranks: boolean;
}

/** Best first: where several work on a GPU, `auto` takes the first. */
export const KNOWN_DEVICES: readonly KnownDevice[] = [
  { name: "tensorflow", package: "@kdp/device-tensorflow", ranks: false },
  { name: "webgpu", package: "@kdp/device-webgpu", ranks: true },
];

/** Names that `--device` and `@run(device:)` take. */
export const DEVICE_NAMES: readonly string[] = ["auto", "cpu", ...KNOWN_DEVICES.map(({ name }) => name)];

export interface InstalledDevice {
  /** URL of the module whose default export is the `Device`. */
  readonly entry: string;
  /** Changes when another version is installed. */
  readonly version: string;
}

/** Folder of this package: a device installed beside kdp (globally, in its clone) is found as well as one in the project. */
const ownFolder = (): string => fileURLToPath(new URL("../..", import.meta.url));

/** The device's package as Node finds it from the project, then from kdp itself. Runs no code of it. */
export function findDevice(device: KnownDevice, projectRoot: string): InstalledDevice | null {
  for (const folder of [projectRoot, ownFolder()]) {
    const found = findPackage(device.package, folder);
    const entry = found && packageEntry(found);
    if (entry) return { entry: pathToFileURL(entry).href, version: found.version };
  }
  return null;
}
