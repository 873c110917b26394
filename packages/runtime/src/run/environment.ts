import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { promisify } from "node:util";
import type { DeviceChoice } from "../devices/choose-devices.js";
import type { PluginSource } from "../plugins/plugin-source.js";
import type { RunManifest } from "./manifest.js";

/** What a run ran on. */
export function environmentOf(
  plugins: ReadonlyMap<string, PluginSource>,
  devices: DeviceChoice,
  jobs: number,
  commit: Commit | null,
): RunManifest["environment"] {
  return {
    kdp: runtimeVersion(),
    plugins: Object.fromEntries([...plugins.values()].map(({ manifest }) => [manifest.name, manifest.version])),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    device: devices.run.name,
    deviceFound: devices.run.found,
    deviceWhy: devices.run.why,
    jobs,
    commit,
  };
}

const runtimeVersion = (): string =>
  String(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version);

export interface Commit {
  readonly id: string;
  /** Whether tracked files differed from the commit. */
  readonly changed: boolean;
}

/** The git commit that a folder is at; null outside a repository or without git. */
export async function commitOf(folder: string): Promise<Commit | null> {
  try {
    const { stdout } = await promisify(execFile)(
      "git",
      ["--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=no"],
      { cwd: folder, timeout: 5_000, maxBuffer: 1 << 26 },
    );
    const id = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(stdout)?.[1];
    return id === undefined ? null : { id, changed: /^[12u] /m.test(stdout) };
  } catch {
    return null;
  }
}
