import { report } from "../../diagnostics/create-diagnostic.js";
import type { Frame } from "../frame.js";
import type { Leaf } from "../gates/operand.js";

/** KDP3312: metrics over sampled candidates order models otherwise than the full ranking does. */
export function checkSampledGate(leaves: readonly Leaf[], frame: Frame): void {
  for (const { value, span } of leaves) {
    const { type } = value.ref;
    if (type.kind !== "Metrics" || type.candidates === null) continue;
    frame.session.reporter.add(report("KDP3312", { candidates: type.candidates }, span));
  }
}
