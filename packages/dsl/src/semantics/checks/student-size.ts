import { report } from "../../diagnostics/create-diagnostic.js";
import { headOf, type StageContext } from "../stages/input.js";
import type { LessonValue } from "../values.js";

/** KDP3305: a student as wide as its widest teacher saves nothing. */
export function checkStudentSize(
  lesson: LessonValue,
  width: number | null,
  { call, place, frame }: StageContext,
): void {
  const widths = lesson.teachers.flatMap(({ ref }) => ref.type.width ?? []);
  if (width === null || widths.length === 0) return;
  const widest = Math.max(...widths);
  if (width < widest) return;
  const params = { student: call.callee, size: width, teacherSize: widest };
  const teacher = lesson.teachers.find(({ ref }) => ref.type.width === widest);
  const related = teacher ? [{ span: teacher.ref.node.span, label: `width ${widest}` }] : [];
  frame.session.reporter.add(report("KDP3305", params, headOf(call, place), { label: `width ${width}`, related }));
}
