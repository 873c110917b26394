import { report } from "../../diagnostics/create-diagnostic.js";
import type { Frame } from "../frame.js";
import { addArgument } from "../places.js";
import { eventsInSight } from "../ports.js";
import type { BoundCall } from "../values.js";

/** KDP3303: a training that may stop early needs events to decide by. */
export function checkEarlyStop(call: BoundCall, frame: Frame): void {
  const stop = call.params.early_stop;
  const isGiven = call.written?.some((arg) => arg.label?.text === "valid");
  if (!stop || stop.value === null || !("valid" in call.signature.ports) || call.ports.valid || isGiven) return;
  const events = eventsInSight(frame, "valid");
  const fixes = events === null ? [] : [addArgument(call, `valid: ${events}`)];
  frame.session.reporter.add(report("KDP3303", { callee: call.callee }, stop.span ?? call.span, { fixes }));
}
