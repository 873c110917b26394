import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { join } from "node:path";
import { formatBytes, plural } from "../text/format.js";

export interface DoctorCheck {
  readonly name: string;
  readonly status: "good" | "warning" | "bad";
  readonly finding: string;
  /** The command or step that mends it; null when nothing needs mending. */
  readonly mend: string | null;
}

/** Below this a run of any size will not end well. */
const LITTLE_DISK = 500e6;
const LITTLE_MEMORY = 1e9;

/** Everything that kdp needs of a machine, tried for real where it can be. */
export async function examine(workingFolder: string): Promise<readonly DoctorCheck[]> {
  return [
    nodeCheck(process.versions.node),
    coresCheck(),
    memoryCheck(),
    ...(await storeChecks(workingFolder)),
    await libraryCheck(),
    ...(await deviceChecks(workingFolder)),
  ];
}

/** @internal */
export function nodeCheck(version: string): DoctorCheck {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return {
    name: "Node",
    status: enough ? "good" : "bad",
    finding: enough ? `v${version}` : `v${version}, but 20.19 or later is needed`,
    mend: enough ? null : "install a current Node from your distribution or nodejs.org",
  };
}

function coresCheck(): DoctorCheck {
  const cores = availableParallelism();
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  return { name: "processor", status: "good", finding: `${model}, ${plural(cores, "core")}`, mend: null };
}

function memoryCheck(): DoctorCheck {
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const free = Math.min(freemem(), total);
  const little = free < LITTLE_MEMORY;
  return {
    name: "memory",
    status: little ? "warning" : "good",
    finding: `${formatBytes(free)} free of ${formatBytes(total)}${total < totalmem() ? " (a limit of this container)" : ""}`,
    mend: little ? "close other programs, or run fewer nodes at once with --jobs 1" : null,
  };
}

async function storeChecks(workingFolder: string): Promise<readonly DoctorCheck[]> {
  const { projectRoot } = await import("@kdp/runtime");
  const folder = join(projectRoot(workingFolder), ".kdp");
  try {
    mkdirSync(folder, { recursive: true });
    const trial = mkdtempSync(join(folder, "doctor-"));
    writeFileSync(join(trial, "trial"), "written by kdp doctor");
    rmSync(trial, { recursive: true });
  } catch (error) {
    return [
      {
        name: "store",
        status: "bad",
        finding: `${folder} cannot be written to (${error instanceof Error && "code" in error ? String(error.code) : String(error)})`,
        mend: `make it writable: chmod u+w ${folder}, or work in another folder`,
      },
    ];
  }
  const disk = statfsSync(folder);
  const free = disk.bavail * disk.bsize;
  const little = free < LITTLE_DISK;
  return [
    { name: "store", status: "good", finding: `${folder} is writable`, mend: null },
    {
      name: "disk",
      status: little ? "warning" : "good",
      finding: `${formatBytes(free)} free`,
      mend: little ? "make room, for example with kdp cache gc" : null,
    },
  ];
}

async function libraryCheck(): Promise<DoctorCheck> {
  const { RuntimeFault } = await import("@kdp/runtime");
  const { openRuntime } = await import("../commands/open-runtime.js");
  try {
    const { library } = await openRuntime();
    const told = library.map(({ manifest }) => {
      const stages = Object.keys(manifest.stages).length;
      return `${manifest.name} ${manifest.version}, ${plural(stages, "stage")}`;
    });
    return { name: "library", status: "good", finding: told.join("; "), mend: null };
  } catch (error) {
    const fault = error instanceof RuntimeFault ? error.data : null;
    return {
      name: "library",
      status: "bad",
      finding: fault?.message ?? String(error),
      mend: fault?.fix ?? "install kdp again",
    };
  }
}

async function deviceChecks(workingFolder: string): Promise<readonly DoctorCheck[]> {
  const { describeDevices } = await import("@kdp/runtime");
  const devices = await describeDevices(workingFolder);
  const anyUsable = devices.some((device) => device.usable);
  return devices.map((device) => ({
    name: `device ${device.name}`,
    status: device.usable ? (device.mend === null ? "good" : "warning") : statusOf(device, anyUsable),
    finding: device.reason,
    mend: device.mend,
  }));
}

/** A device that nobody installed is no fault; one that is there and does not work is, and it is bad when nothing else works. */
function statusOf({ installed }: { readonly installed: boolean }, anyUsable: boolean): DoctorCheck["status"] {
  if (!anyUsable) return "bad";
  return installed ? "warning" : "good";
}
