import type { View } from "@kdp/plugin-api";
import { report } from "../../diagnostics/create-diagnostic.js";
import type { Diagnostic, Fix, Span } from "../../diagnostics/diagnostic.js";
import type { Frame } from "../frame.js";
import { enumerate } from "../type-names.js";
import type { TeacherRef } from "../values.js";

export interface ViewNeed {
  readonly needs: readonly View[];
  readonly callee: string;
  /** Where the view is needed. */
  readonly span: Span;
  /** Set when the teacher is one of several. */
  readonly member?: { readonly label: string | null; readonly span: Span };
}

/** KDP2204: a teacher must show what is read from it. False when it does not. */
export function checkViews(need: ViewNeed, teacher: TeacherRef, frame: Frame): boolean {
  const missing = need.needs.find((view) => !teacher.type.views.includes(view));
  if (missing === undefined) return true;
  frame.session.reporter.add(missingView(need, missing, teacher));
  return false;
}

function missingView(need: ViewNeed, view: View, teacher: TeacherRef): Diagnostic {
  const { callee, span, member } = need;
  const { type } = teacher;
  const related: { span: Span; label: string }[] = [];
  if (member) related.push({ span: member.span, label: `has only ${enumerate(type.views)}` });
  if (type.ranked) {
    related.push({ span: type.ranked.call.span, label: "only order is kept here; every other view is left behind" });
    const fixes = withoutRank(type.ranked);
    return report("KDP2204", { callee, view }, span, { variant: "ranking", related, fixes, label: `needs ${view}` });
  }
  if (type.kind === "Crowd" && view === "embeddings") {
    related.push({ span: teacher.node.span, label: "the ensemble" });
    return report("KDP2204", { callee, view }, span, { variant: "crowd", related, label: `needs ${view}` });
  }
  const source = member?.label ? `teacher \`${member.label}\`` : `this ${type.kind}`;
  const notes =
    view === "trajectory" && type.kind === "Model" ? ["`snapshots: 4` on the teacher keeps its trajectory"] : [];
  if (!member) related.push({ span: teacher.node.span, label: `has only ${enumerate(type.views)}` });
  const params = { callee, view, source, views: enumerate(type.views) };
  return report("KDP2204", params, span, { related, notes, label: `needs ${view}` });
}

/** Removes `-> rank(…)` from its chain; only where it is written there. */
function withoutRank(ranked: NonNullable<TeacherRef["type"]["ranked"]>): readonly Fix[] {
  const { arrow, span, call } = ranked;
  const isInline = span.file === call.span.file && span.start === call.span.start && span.end === call.span.end;
  if (!arrow || !isInline) return [];
  return [
    {
      title: "remove `-> rank(…)`; `distill` ranks the teacher itself",
      edits: [{ span: { ...arrow, end: span.end }, text: "" }],
    },
  ];
}
