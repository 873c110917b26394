import { join } from "node:path";
import { projectRoot } from "../project/root.js";
import { StoreLayout } from "../store/layout.js";
import { nodeStoreFs } from "../store/store-fs.js";
import { findDevice, KNOWN_DEVICES, type KnownDevice } from "./known-devices.js";
import { type DeviceProbes, RememberedProbes } from "./probe-memory.js";

/** A device as `kdp doctor` shows it. */
export interface DeviceReport {
  /** As `--device` takes it. */
  readonly name: string;
  readonly usable: boolean;
  /** False for a device that nobody has installed: nothing is wrong with that. */
  readonly installed: boolean;
  /** What it computes with, or why it cannot be used. */
  readonly reason: string;
  /** The command or step that makes it usable, or better; null when nothing is to be done. */
  readonly mend: string | null;
}

/** Every device that this version knows, tried for real. @param folder a folder of the project */
export async function describeDevices(folder: string = process.cwd()): Promise<readonly DeviceReport[]> {
  const root = projectRoot(folder);
  const probes = new RememberedProbes(new StoreLayout(join(root, ".kdp")), nodeStoreFs);
  const others = await Promise.all(KNOWN_DEVICES.map((device) => describe(device, root, probes)));
  return [await cpu(), ...others];
}

async function describe(device: KnownDevice, root: string, probes: DeviceProbes): Promise<DeviceReport> {
  const { name } = device;
  const installed = findDevice(device, root);
  if (!installed) {
    return {
      name,
      usable: false,
      installed: false,
      reason: `not installed (${device.package})`,
      mend: `to use it: npm install ${device.package}`,
    };
  }
  const probe = await probes.of(name, installed, "none");
  if (!probe.usable) return { name, usable: false, installed: true, reason: probe.reason, mend: probe.mend };
  const software = probe.processor === "cpu";
  return {
    name,
    usable: true,
    installed: true,
    reason: software ? `${probe.found}: no GPU, so taken only when named, never by auto` : probe.found,
    mend: null,
  };
}

async function cpu(): Promise<DeviceReport> {
  const { createKernels } = await import("@kdp/kernels");
  const base = { name: "cpu", installed: true };
  try {
    const kernels = await createKernels();
    if (kernels.name === "wasm") return { ...base, usable: true, reason: "WebAssembly SIMD kernels", mend: null };
    return {
      ...base,
      usable: true,
      reason: "plain kernels: this engine has no WebAssembly SIMD, so training is several times slower",
      mend: "use Node 20.19 or later on x86-64 or arm64, without --jitless",
    };
  } catch (error) {
    return {
      ...base,
      usable: false,
      reason: `the kernels cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      mend: "install kdp again; in a clone, run `npm run build`",
    };
  }
}
