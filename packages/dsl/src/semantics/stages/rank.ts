import { unite } from "../axes.js";
import { checkRankDepth } from "../checks/ranking-length.js";
import { checkViews } from "../checks/views.js";
import type { TeacherRef, TeacherType, Value } from "../values.js";
import { headOf, type StageContext } from "./input.js";
import { makeNode, numberOf, refTo, single } from "./make-node.js";

/** `teacher -> rank(top: 200)`: order is kept, every other view is left behind. */
export function rankingOf(teacher: TeacherRef, context: StageContext): Value {
  const { call, place } = context;
  checkViews({ needs: ["ranking"], callee: call.callee, span: headOf(call, place) }, teacher, context.frame);
  const axes = unite(call.axes, teacher.axes);
  checkRankDepth(teacher, context);
  const top = numberOf(call.params, "top");
  const length = top === null ? null : Math.min(top, teacher.type.length ?? top);
  const node = makeNode(context, {
    type: { kind: "Ranking", views: ["ranking"], ...(length === null ? {} : { rankingLength: length }) },
    inputs: [single("teacher", teacher)],
    axes,
  });
  return refTo(node, rankingType(teacher.type, length, context), axes);
}

function rankingType(teacher: TeacherType, length: number | null, { call, place }: StageContext): TeacherType {
  return {
    ...teacher,
    kind: "Ranking",
    views: ["ranking"],
    length,
    trained: false,
    ranked: { call, span: place.target, arrow: place.arrow },
  };
}
