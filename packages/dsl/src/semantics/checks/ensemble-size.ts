import { report } from "../../diagnostics/create-diagnostic.js";
import type { NamedTeacher, StageContext } from "../stages/input.js";

/** KDP3307: an ensemble of one only loses what its member could show. */
export function checkEnsembleSize(members: readonly NamedTeacher[], { place, frame }: StageContext): void {
  if (members.length !== 1) return;
  frame.session.reporter.add(report("KDP3307", {}, place.inputSpan));
}
