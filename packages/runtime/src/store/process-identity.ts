import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Names a process beyond the reuse of its number: by when it started. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** Opaque, safe in a file name; compared only for equality. Empty where the system does not tell. */
  readonly started: string;
}

/** Tells whether the owner of a lock is still there. */
export interface ProcessTable {
  readonly self: ProcessIdentity;
  /** A process of another host cannot be asked and counts as alive. */
  isAlive(owner: ProcessIdentity): boolean;
}

export class SystemProcesses implements ProcessTable {
  #self: ProcessIdentity | null = null;

  get self(): ProcessIdentity {
    this.#self ??= { host: hostname(), pid: process.pid, started: startOf(process.pid) ?? "" };
    return this.#self;
  }

  isAlive(owner: ProcessIdentity): boolean {
    if (owner.host !== this.self.host) return true;
    const started = startOf(owner.pid);
    return started !== null && (owner.started === "" || started === "" || started === owner.started);
  }
}

/** Start of a running process; null when there is none of this number, empty when the start cannot be learnt. */
function startOf(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, but belongs to someone else.
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return null;
  }
  if (process.platform === "linux") return startOnLinux(pid);
  if (process.platform === "win32") return "";
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" })
      .trim()
      .replace(/\W+/g, "-");
  } catch {
    return "";
  }
}

function startOnLinux(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name is in brackets and may hold anything; the fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie holds its number but will never release a lock.
    if (fields[0] === "Z" || fields[0] === "X") return null;
    return `${bootId()}-${fields[19]}`;
  } catch {
    return null;
  }
}

/** Start times count from the boot, so they mean something only together with it. */
const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
