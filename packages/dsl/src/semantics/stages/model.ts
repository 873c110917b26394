import type { ModelFacts, View } from "@kdp/plugin-api";
import type { LessonSpec } from "../../plan/plan.js";
import { unite } from "../axes.js";
import { checkTrainEvents } from "../checks/event-roles.js";
import { checkValidSplit } from "../checks/split-leaks.js";
import { checkStudentSize } from "../checks/student-size.js";
import { checkStudentViews } from "../checks/student-views.js";
import { checkSameData } from "../checks/universes.js";
import type { NodeInput } from "../node-table.js";
import type { EventsRef, LessonValue, TeacherType, Value } from "../values.js";
import type { StageContext } from "./input.js";
import { distinctEvents, listed, makeNode, numberOf, refTo, single } from "./make-node.js";

/** `events -> bprmf(…)` trains plainly, `lesson -> bprmf(…)` by distillation, from the same call. */
export function modelOf(source: EventsRef | LessonValue, context: StageContext): Value {
  const { call } = context;
  const lesson = source.kind === "lesson" ? source : null;
  const events = source.kind === "lesson" ? source.on : source;
  if (!lesson) checkTrainEvents(events, context);
  const valid = call.ports.valid;
  if (valid) checkSameData(events, valid.value, valid.expr.span, "valid", context);

  const seen = distinctEvents([events, ...(lesson?.teachers ?? []).flatMap(({ ref }) => ref.type.seen)]);
  checkValidSplit(seen, context);

  const facts = call.signature.facts as ModelFacts;
  const views: readonly View[] =
    (numberOf(call.params, "snapshots") ?? 0) >= 2 ? [...facts.views, "trajectory"] : facts.views;
  const width = facts.width === undefined ? null : numberOf(call.params, facts.width);
  if (lesson) {
    checkStudentViews(lesson, views, context);
    checkStudentSize(lesson, width, context);
  }

  const inputs: NodeInput[] = [single("events", events)];
  if (valid) inputs.push(single("valid", valid.value));
  if (lesson) inputs.push(...listed("teachers", lesson.teachers));
  if (lesson?.rankings) {
    inputs.push(
      ...listed(
        "rankings",
        lesson.rankings.map((ref, i) => ({ label: lesson.teachers[i]!.label, ref })),
      ),
    );
  }
  const axes = unite(call.axes, source.axes, events.axes);
  const type: TeacherType = {
    kind: "Model",
    universe: events.type.universe,
    views,
    length: null,
    width,
    factors: facts.factors === true,
    learnedFrom: [events],
    seen,
    trained: facts.trained,
    ranked: null,
  };
  const node = makeNode(context, { type: { kind: "Model", views }, inputs, axes, lesson: lesson && specOf(lesson) });
  return refTo(node, type, axes);
}

const specOf = (lesson: LessonValue): LessonSpec => ({
  losses: lesson.losses.map(({ spec }) => spec),
  baseWeight: lesson.baseWeight,
  baseWeightOrigin: lesson.baseWeightOrigin,
});
