import type { TeacherFacts } from "@kdp/plugin-api";
import { unite } from "../axes.js";
import { checkTrainEvents } from "../checks/event-roles.js";
import type { EventsRef, TeacherType, Value } from "../values.js";
import type { StageContext } from "./input.js";
import { makeNode, refTo, single } from "./make-node.js";

/** `split.train -> ranking_file("t.parquet")`: the events say which users and items there are. */
export function fileTeacherOf(events: EventsRef, context: StageContext): Value {
  checkTrainEvents(events, context);
  const { views } = context.call.signature.facts as TeacherFacts;
  const axes = unite(context.call.axes, events.axes);
  const node = makeNode(context, { type: { kind: "Teacher", views }, inputs: [single("events", events)], axes });
  const type: TeacherType = {
    kind: "Teacher",
    universe: events.type.universe,
    views,
    length: null,
    width: null,
    learnedFrom: [events],
    seen: [events],
    trained: false,
    ranked: null,
  };
  return refTo(node, type, axes);
}
