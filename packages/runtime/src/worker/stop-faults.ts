import { RuntimeFault } from "../faults.js";
import type { StopReason } from "./task.js";

/** The fault of a task that was told to stop: the reason of its abort signal. */
export function stopFault(reason: StopReason, place: string, timeoutSeconds: number | null): RuntimeFault {
  if (reason === "timeout") {
    return new RuntimeFault({
      code: "KDP8005",
      kind: "run",
      message: `stopped after its time limit of ${timeoutSeconds} s`,
      place,
      fix: "raise it with @run(timeout: …); training goes on from its last checkpoint when the same command is run again",
    });
  }
  return new RuntimeFault({
    code: "KDP8010",
    kind: "run",
    message: reason === "run-gone" ? "the run that asked for it has ended" : `interrupted by ${reason}`,
    place,
    fix: "run the same command again: finished nodes are kept, training goes on from its last checkpoint",
  });
}
