import type { EnsembleFacts, View } from "@kdp/plugin-api";
import { unite } from "../axes.js";
import { checkEnsembleSize } from "../checks/ensemble-size.js";
import { checkUniverses } from "../checks/universes.js";
import { checkViews } from "../checks/views.js";
import type { TeacherType, Value } from "../values.js";
import { headOf, type NamedTeacher, type StageContext } from "./input.js";
import { distinctEvents, listed, makeNode, numberOf, refTo } from "./make-node.js";

/** `teachers -> ensemble`: one crowd. It has embeddings when any member has. */
export function crowdOf(members: readonly NamedTeacher[], context: StageContext): Value {
  const { call, place, frame } = context;
  const facts = call.signature.facts as EnsembleFacts;
  for (const { ref, label, span } of members) {
    checkViews(
      { needs: facts.needs, callee: call.callee, span: headOf(call, place), member: { label, span } },
      ref,
      frame,
    );
  }
  checkEnsembleSize(members, context);
  checkUniverses(members, context);

  const views: View[] = [...facts.views];
  const anyEmbeds = members.some(({ ref }) => ref.type.views.includes("embeddings"));
  if (anyEmbeds && !views.includes("embeddings")) views.push("embeddings");
  const length = numberOf(call.params, "top");
  const axes = unite(call.axes, ...members.map(({ ref }) => ref.axes));
  const node = makeNode(context, {
    type: { kind: "Crowd", views, ...(length === null ? {} : { rankingLength: length }) },
    inputs: listed("teachers", members),
    axes,
  });
  const widths = members.flatMap(({ ref }) => ref.type.width ?? []);
  const type: TeacherType = {
    kind: "Crowd",
    universe: members[0]!.ref.type.universe,
    views,
    length,
    width: widths.length === 0 ? null : Math.max(...widths),
    learnedFrom: distinctEvents(members.flatMap(({ ref }) => ref.type.learnedFrom)),
    seen: distinctEvents(members.flatMap(({ ref }) => ref.type.seen)),
    trained: false,
    ranked: null,
  };
  return refTo(node, type, axes);
}
