import { constants } from "node:os";
import type { FaultData } from "../faults.js";
import { stopFault } from "../worker/stop-faults.js";
import { type StopReason, subjectOf, type Task } from "../worker/task.js";
import { memoryLimit } from "./oom-kills.js";

export interface Crash {
  readonly task: Task;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** While it ran, the system killed processes because memory ran out. */
  readonly oomKilled: boolean;
  /** The process could not be started. */
  readonly error: string | null;
  readonly lastLines: readonly string[];
  /** Set when the process was told to stop and had to be killed. */
  readonly stopped: StopReason | null;
  readonly timeoutSeconds: number | null;
}

const SHOWN_LINES = 15;

/** Signals that others send. A crash of a process's own code ends by another one. */
const SENT: ReadonlySet<string> = new Set([
  "SIGKILL",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
  "SIGXCPU",
  "SIGUSR1",
  "SIGUSR2",
]);

const SMALLER = "use smaller dim, batch or top, or run fewer nodes at once with --jobs 1";

/** What a worker's sudden end means for its node. */
export function crashFault(crash: Crash): FaultData {
  const { task, stopped } = crash;
  const { id: place, plugin: code } = subjectOf(task);
  if (stopped) return stopFault(stopped, place, crash.timeoutSeconds).data;
  const plugin = task.plugins.find(({ manifest }) => manifest.name === code)?.manifest;
  const where = plugin ? `${place}, in plugin ${plugin.name} ${plugin.version}` : place;
  const output =
    crash.lastLines.length > 0 ? `\nlast output:\n  ${crash.lastLines.slice(-SHOWN_LINES).join("\n  ")}` : "";
  const base = { kind: "run", place: where } as const;
  if (ranOutOfMemory(crash)) {
    return {
      ...base,
      code: "KDP8006",
      message: `its process ran out of memory${output}`,
      fix: SMALLER,
      retriable: true,
    };
  }
  const resume = "other nodes are not affected; run the same command again to go on from what is stored";
  if (crash.error !== null) {
    return {
      ...base,
      code: "KDP8002",
      message: `its process could not be started: ${crash.error}`,
      fix: resume,
      retriable: true,
    };
  }
  // Whoever sends a signal, it is not the code that runs: the plugin is not named.
  if (crash.signal !== null && SENT.has(crash.signal)) return killed(crash, crash.signal, place, output);
  if (crash.signal !== null) {
    return {
      ...base,
      code: "KDP8002",
      message: `its process crashed with ${crash.signal}, in native code${output}`,
      fix: `${plugin ? `tell the authors of ${plugin.name}. O` : "o"}${resume.slice(1)}`,
      retriable: true,
    };
  }
  return {
    ...base,
    code: "KDP8002",
    message: `its process ended by itself with code ${crash.code}${output}`,
    fix: `${plugin ? `a plugin must not call process.exit(); tell the authors of ${plugin.name}. O` : "o"}${resume.slice(1)}`,
  };
}

/** Killed from outside. What is known is said: that memory ran out, or only the signal and how much memory there is. */
function killed({ oomKilled }: Crash, signal: string, place: string, output: string): FaultData {
  const { bytes, of } = memoryLimit();
  const memory = `the ${of} has ${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const more = `${SMALLER}; @run(memory: …) keeps other nodes from running beside it; or give the ${of} more memory`;
  const base = { kind: "run", place, retriable: true } as const;
  if (signal === "SIGKILL" && oomKilled) {
    const message = `the system killed its process because memory ran out (SIGKILL; ${memory})${output}`;
    return { ...base, code: "KDP8006", message, fix: more };
  }
  const resume = "run the same command again to go on from what is stored";
  return signal === "SIGKILL"
    ? {
        ...base,
        code: "KDP8018",
        message: `its process was killed from outside by SIGKILL: by hand, by a limit of the surroundings, or for lack of memory (${memory})${output}`,
        fix: `${resume}. If nobody killed it: ${more}`,
      }
    : { ...base, code: "KDP8018", message: `its process was ended from outside by ${signal}${output}`, fix: resume };
}

/** V8 aborts when its heap is full, and says so last. */
function ranOutOfMemory({ code, signal, lastLines }: Crash): boolean {
  const aborted = signal === "SIGABRT" || code === 128 + constants.signals.SIGABRT;
  return aborted && lastLines.some((line) => /out of memory|allocation failed/i.test(line));
}
