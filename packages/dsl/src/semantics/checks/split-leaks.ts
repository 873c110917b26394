import { fix, report } from "../../diagnostics/create-diagnostic.js";
import type { Fix } from "../../diagnostics/diagnostic.js";
import type { Expr } from "../../syntax/ast.js";
import { cellSuffix } from "../axes.js";
import type { Frame } from "../frame.js";
import type { StageContext } from "../stages/input.js";
import type { EventsRef, TeacherRef } from "../values.js";

/** KDP3313: a model that learned from another split of the same data has seen most of what this one holds out. */
export function checkMeasuredSplit(model: TeacherRef, on: EventsRef, expr: Expr, context: StageContext): void {
  const isOwn = (other: EventsRef) => model.type.learnedFrom.some((own) => isSame(own, other));
  reportLeak(model.type.seen, on, expr, (other) => (isOwn(other) ? "default" : "taught"), context);
}

/** KDP3313 for `valid:`: an epoch that is chosen by what was trained on is the last one. */
export function checkValidSplit(seen: readonly EventsRef[], context: StageContext): void {
  const { valid } = context.call.ports;
  if (valid) reportLeak(seen, valid.value, valid.expr, () => "valid", context);
}

/** @param expr where the held-out events are named */
function reportLeak(
  seen: readonly EventsRef[],
  heldOut: EventsRef,
  expr: Expr,
  variantOf: (other: EventsRef) => "default" | "taught" | "valid",
  { call, frame }: StageContext,
): void {
  const other = ofOtherSplit(seen, heldOut);
  if (!other) return;
  const params = { callee: call.callee, heldOut: nameOf(heldOut), learned: nameOf(other) };
  const related = [{ span: other.node.span, label: "this split" }];
  const fixes = sameSplit(seen, expr, frame);
  frame.session.reporter.add(report("KDP3313", params, expr.span, { variant: variantOf(other), related, fixes }));
}

/** Events of the same users and items, cut in another way. Those of other data are KDP2220. */
const ofOtherSplit = (seen: readonly EventsRef[], heldOut: EventsRef): EventsRef | undefined =>
  seen.find(({ node, type }) => node !== heldOut.node && type.universe === heldOut.type.universe);

const isSame = (a: EventsRef, b: EventsRef): boolean => a.node === b.node && a.output === b.output;

/** `split[seed=1].test`: two cells of a matrix may have splits of one name. */
const nameOf = ({ node, output }: EventsRef): string =>
  node.name === "" ? `the ${output} part of another split` : `\`${node.name}${cellSuffix(node.cell)}.${output}\``;

/** `other.test` becomes `split.test`, where all was learned from one split that has a name here. */
function sameSplit(seen: readonly EventsRef[], expr: Expr, frame: Frame): readonly Fix[] {
  const [first] = seen;
  if (!first || expr.kind !== "member" || seen.some(({ node }) => node !== first.node)) return [];
  for (const { name, value } of frame.locals.names()) {
    if (value.kind === "ref" && value.node === first.node && value.output === null) {
      return [fix(`take this part of \`${name}\``, expr.object.span, name)];
    }
  }
  return [];
}
