import { report } from "../../diagnostics/create-diagnostic.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import type { NamedTeacher, StageContext } from "../stages/input.js";
import type { EventsRef, TeacherRef } from "../values.js";

/** KDP2220 for the members of a list. */
export function checkUniverses(members: readonly NamedTeacher[], { place, frame }: StageContext): void {
  const [first] = members;
  const other = members.find(({ ref }) => ref.type.universe !== first?.ref.type.universe);
  if (!first || !other) return;
  const related = [
    { span: first.span, label: "knows the users and items of one data set" },
    { span: other.span, label: "knows those of another" },
  ];
  frame.session.reporter.add(report("KDP2220", {}, place.inputSpan, { variant: "many", related }));
}

/** KDP2220: a row of one data set is another user in the next. */
export function checkSameData(
  input: EventsRef | TeacherRef | NamedTeacher,
  events: EventsRef,
  span: Span,
  port: string,
  { place, frame }: StageContext,
): void {
  const { universe } = "ref" in input ? input.ref.type : input.type;
  if (universe === events.type.universe) return;
  const related = [{ span: place.inputSpan, label: "from one data set" }];
  const params = { left: "the input", right: `\`${port}:\`` };
  frame.session.reporter.add(report("KDP2220", params, span, { label: "from another", related }));
}
