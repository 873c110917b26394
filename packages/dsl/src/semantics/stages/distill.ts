import { report } from "../../diagnostics/create-diagnostic.js";
import { unite } from "../axes.js";
import { checkDistillEvents } from "../checks/event-roles.js";
import { checkLossTeachers } from "../checks/loss-teachers.js";
import { checkSameData, checkUniverses } from "../checks/universes.js";
import { addArgument } from "../places.js";
import { eventsInSight } from "../ports.js";
import { type EventsRef, type LessonValue, type LossValue, type TeacherRef, UNKNOWN, type Value } from "../values.js";
import { type AcceptedInput, headOf, type NamedTeacher, type StageContext } from "./input.js";
import { distinctEvents, numberOf } from "./make-node.js";
import { sharedRanking } from "./shared-ranking.js";

/**
 * `teachers -> distill(losses…)`: a lesson. It is a setting with edges: it has no node, only the shared ranking of a
 * teacher may need one.
 */
export function lessonOf(input: AcceptedInput & { readonly kind: "teachers" }, context: StageContext): Value {
  const { call } = context;
  const { teachers } = input;
  checkUniverses(teachers, context);
  const on = call.ports.on?.value ?? sharedEvents(teachers, context);
  if (!on) return UNKNOWN;
  checkDistillEvents(on, context);
  const explicit = call.ports.on;
  if (explicit && teachers[0]) checkSameData(teachers[0].ref, explicit.value, explicit.expr.span, "on", context);
  // A list of one is one teacher.
  for (const loss of call.losses) checkLossTeachers(loss, teachers, context);

  const rankings = rankingsOf(call.losses, teachers, context);
  const lesson: LessonValue = {
    kind: "lesson",
    universe: on.type.universe,
    teachers: teachers.map(({ label, ref }) => ({ label, ref })),
    rankings,
    losses: call.losses,
    on,
    baseWeight: numberOf(call.params, "base_weight") ?? 1,
    baseWeightOrigin: call.params.base_weight?.origin ?? { kind: "default", plugin: call.signature.plugin },
    call,
    axes: unite(call.axes, on.axes, ...teachers.map(({ ref }) => ref.axes)),
  };
  return lesson;
}

/** The train events that all teachers learned from, if those are the same. */
function sharedEvents(teachers: readonly NamedTeacher[], { call, place, frame }: StageContext): EventsRef | null {
  const events = distinctEvents(teachers.flatMap(({ ref }) => ref.type.learnedFrom));
  const [only] = events;
  if (only && events.length === 1) return only;
  const inSight = eventsInSight(frame, "train");
  const fixes = inSight === null ? [] : [addArgument(call, `on: ${inSight}`)];
  const notes = events.length > 1 ? ["the teachers were trained on different events"] : [];
  frame.session.reporter.add(report("KDP2202", {}, headOf(call, place), { variant: "on", fixes, notes }));
  return null;
}

/** For each teacher the ranking that the losses read: its own, or a `rank` node that is made here. */
function rankingsOf(
  losses: readonly LossValue[],
  teachers: readonly NamedTeacher[],
  context: StageContext,
): readonly TeacherRef[] | null {
  const readers = losses.filter(({ facts }) => facts.needs.includes("ranking"));
  if (readers.length === 0) return null;
  return teachers.map(({ ref, label }) =>
    ref.type.kind === "Model" ? sharedRanking(ref, teachers.length > 1 ? label : null, readers, context) : ref,
  );
}
