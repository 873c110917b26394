import { constants } from "node:os";
import type { FaultData } from "../faults.js";
import { stopFault } from "../worker/stop-faults.js";
import { type StopReason, subjectOf, type Task } from "../worker/task.js";

export interface Crash {
  readonly task: Task;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The process could not be started. */
  readonly error: string | null;
  readonly lastLines: readonly string[];
  /** Set when the process was told to stop and had to be killed. */
  readonly stopped: StopReason | null;
  readonly timeoutSeconds: number | null;
}

const SHOWN_LINES = 15;

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
      fix: "use smaller dim, batch or top, or run fewer nodes at once with --jobs 1",
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
  if (crash.signal !== null) {
    const hint = crash.signal === "SIGKILL" ? " (by hand, or by the system for lack of memory)" : "";
    return {
      ...base,
      code: "KDP8002",
      message: `its process was killed by ${crash.signal}${hint}${output}`,
      fix: resume,
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

/** V8 aborts when its heap is full, and says so last. */
function ranOutOfMemory({ code, signal, lastLines }: Crash): boolean {
  const aborted = signal === "SIGABRT" || code === 128 + constants.signals.SIGABRT;
  return aborted && lastLines.some((line) => /out of memory|allocation failed/i.test(line));
}
