import { hostname, release } from "node:os";
import type { DeviceProbe } from "@kdp/plugin-api/device";
import { inject, injectable } from "tsyringe";
import { sha256 } from "../keys/sha256.js";
import type { StoreLayout } from "../store/layout.js";
import { recall, remember } from "../store/remembered-file.js";
import type { StoreFs } from "../store/store-fs.js";
import { TOKENS } from "../tokens.js";
import type { InstalledDevice } from "./known-devices.js";
import { probeInProcess } from "./probe-process.js";

interface Entry {
  readonly stamp: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly probe: DeviceProbe;
}

/** Answers of devices, asked for real only now and then. */
export interface DeviceProbes {
  /** @param trusted which remembered answers are taken: what was missing may have been mended a minute ago */
  of(name: string, installed: InstalledDevice, trusted: "any" | "usable" | "none"): Promise<DeviceProbe>;
}

/** A driver that is installed or removed is seen after this time at the latest; `kdp doctor` asks at once. */
const REMEMBERED_MS = 3_600_000;

/** What decides whether a device works here, as far as it can be told without loading it. */
const DECIDING = [
  "VK_ICD_FILENAMES",
  "VK_DRIVER_FILES",
  "LD_LIBRARY_PATH",
  "CUDA_VISIBLE_DEVICES",
  "KDP_TENSORFLOW",
  "PATH",
] as const;

/** Remembers answers in `.kdp/devices.json`: asking a GPU costs a second, a cached run should cost none. */
@injectable()
export class RememberedProbes implements DeviceProbes {
  readonly #layout: StoreLayout;
  readonly #fs: StoreFs;

  constructor(@inject(TOKENS.layout) layout: StoreLayout, @inject(TOKENS.storeFs) fs: StoreFs) {
    this.#layout = layout;
    this.#fs = fs;
  }

  async of(name: string, installed: InstalledDevice, trusted: "any" | "usable" | "none"): Promise<DeviceProbe> {
    const stamp = stampOf(installed);
    const known = this.#entries()[name];
    const age = known ? Date.now() - known.at : Number.POSITIVE_INFINITY;
    const isTrusted = trusted === "any" || (trusted === "usable" && known?.probe.usable);
    if (isTrusted && known?.stamp === stamp && age >= 0 && age < REMEMBERED_MS) return known.probe;
    const probe = await probeInProcess(installed.entry);
    // Others may have been asked meanwhile.
    remember(this.#fs, this.#layout.devices, { ...this.#entries(), [name]: { stamp, at: Date.now(), probe } });
    return probe;
  }

  #entries(): Readonly<Record<string, Entry>> {
    return (recall(this.#fs, this.#layout.devices) ?? {}) as Readonly<Record<string, Entry>>;
  }
}

const stampOf = ({ entry, version }: InstalledDevice): string => {
  const environment = DECIDING.map((name) => process.env[name] ?? null);
  return sha256(JSON.stringify([entry, version, process.versions.node, hostname(), release(), environment]));
};
