import { CORE_SIGNATURES } from "../../library/core.js";
import { CORE_PLUGIN } from "../../library/core-plugin.js";
import { defaultArgument } from "../arguments.js";
import { type Axes, NO_AXES, unite } from "../axes.js";
import { labelled } from "../frame.js";
import type { BoundCall, LossValue, ResolvedArgument, TeacherRef } from "../values.js";
import type { StageContext } from "./input.js";
import { makeNode, refTo, single } from "./make-node.js";

const RANK = CORE_SIGNATURES.find(({ stage }) => stage === "rank")!;

/**
 * The `rank` node that losses share when their teacher is a model: as long as the longest that one of them asks for, with
 * rankings of users when one of them reads those.
 */
export function sharedRanking(
  teacher: TeacherRef,
  label: string | null,
  readers: readonly LossValue[],
  context: StageContext,
): TeacherRef {
  const top = longest(readers);
  const sides = readers.filter(({ facts }) => facts.itemSide);
  const itemTop = sides.length === 0 ? defaultArgument(RANK.params.item_top!, CORE_PLUGIN)! : longest(sides);
  const params: BoundCall["params"] = { top, item_top: itemTop };
  const axes = unite(teacher.axes, top.axes, itemTop.axes);
  const call: BoundCall = {
    ...context.call,
    signature: RANK,
    callee: "rank",
    params,
    ports: {},
    teacherPorts: {},
    losses: [],
    axes,
  };
  const node = makeNode(
    { ...context, call, frame: labelled(context.frame, label) },
    {
      type: { kind: "Ranking", views: ["ranking"], rankingLength: Number(top.value) },
      inputs: [single("teacher", teacher)],
      axes,
    },
  );
  return refTo(node, { ...teacher.type, kind: "Ranking", views: ["ranking"], length: Number(top.value) }, axes);
}

/** The largest of the lengths; every argument that took part decides the axes. */
function longest(losses: readonly LossValue[]): ResolvedArgument {
  const lengths = losses.map(lengthOf);
  const best = lengths.reduce((a, b) => (Number(b.value) > Number(a.value) ? b : a));
  const axes: Axes = unite(...lengths.map((length) => length.axes));
  return { ...best, axes };
}

function lengthOf({ facts, call }: LossValue): ResolvedArgument {
  const { rankTop } = facts;
  const origin = { kind: "default", plugin: call.signature.plugin } as const;
  const none = { origin, axes: NO_AXES, span: null, base: null };
  if (typeof rankTop === "number") return { ...none, value: rankTop };
  const argument = rankTop === undefined ? undefined : call.params[rankTop];
  if (argument && typeof argument.value === "number") return argument;
  return { ...defaultArgument(RANK.params.top!, CORE_PLUGIN)!, axes: argument?.axes ?? NO_AXES };
}
