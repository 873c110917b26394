import { report } from "../../diagnostics/create-diagnostic.js";
import { insertBefore } from "../places.js";
import type { NamedTeacher, StageContext } from "../stages/input.js";
import type { LossValue } from "../values.js";
import { checkItemSide, checkLossDepth } from "./ranking-length.js";
import { checkViews } from "./views.js";

/** What a loss asks of the teachers of its lesson: how many they are, what they show, how far their rankings reach. */
export function checkLossTeachers(loss: LossValue, teachers: readonly NamedTeacher[], context: StageContext): void {
  const { frame, place } = context;
  const { facts, callee, calleeSpan } = loss;
  if (facts.teachers === "one" && teachers.length > 1) {
    const fixes = [insertBefore("squeeze them into one", place.target, "ensemble -> ")];
    const related = [{ span: place.inputSpan, label: `${teachers.length} teachers` }];
    const params = { loss: callee, count: teachers.length };
    frame.session.reporter.add(report("KDP2210", params, calleeSpan, { variant: "loss", fixes, related }));
    return;
  }
  for (const { ref, label, span } of teachers) {
    const member = teachers.length > 1 ? { member: { label, span } } : {};
    if (!checkViews({ needs: facts.needs, callee, span: calleeSpan, ...member }, ref, frame)) return;
    if (facts.learningTeacher && !(ref.type.kind === "Model" && ref.type.trained)) {
      const params = { callee, expected: "a Model trained by gradient", actual: ref.type.kind };
      frame.session.reporter.add(report("KDP2203", params, calleeSpan, { variant: "input" }));
      return;
    }
    checkLossDepth(loss, ref, context);
    checkItemSide(loss, ref, context);
  }
}
