import type { View } from "@kdp/plugin-api";
import { report } from "../../diagnostics/create-diagnostic.js";
import { headOf, type StageContext } from "../stages/input.js";
import type { LessonValue } from "../values.js";

/** KDP2204: a loss that compares representations needs a student that has some. */
export function checkStudentViews(lesson: LessonValue, views: readonly View[], context: StageContext): void {
  const { call, place, frame } = context;
  for (const loss of lesson.losses) {
    const view = loss.facts.studentNeeds.find((need) => !views.includes(need));
    if (view === undefined) continue;
    const params = { callee: loss.callee, view, student: call.callee };
    const related = [{ span: loss.calleeSpan, label: `needs ${view}` }];
    frame.session.reporter.add(report("KDP2204", params, headOf(call, place), { variant: "student", related }));
  }
}
