import type { Frame } from "../frame.js";
import type { BoundCall } from "../values.js";
import { checkWatchedMetrics } from "./clusters.js";
import { checkEarlyStop } from "./early-stop.js";
import { checkValidRole } from "./event-roles.js";
import { checkLosses } from "./losses.js";

/** What can be told from a call alone, before its input is known. */
const CALL_CHECKS: readonly ((call: BoundCall, frame: Frame) => void)[] = [
  checkValidRole,
  checkEarlyStop,
  checkWatchedMetrics,
  checkLosses,
];

export function checkCall(call: BoundCall, frame: Frame): void {
  for (const check of CALL_CHECKS) check(call, frame);
}
