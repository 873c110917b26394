import { fix, report } from "../../diagnostics/create-diagnostic.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { addArgument } from "../places.js";
import type { StageContext } from "../stages/input.js";
import { numberOf } from "../stages/make-node.js";
import type { LossValue, TeacherRef } from "../values.js";

/** KDP2221: a metric cannot look further down than the ranking goes. */
export function checkCutoffs(keys: readonly string[], model: TeacherRef, { call, frame }: StageContext): void {
  const { length } = model.type;
  if (length === null) return;
  const list = call.written?.find((arg) => arg.label?.text === "metrics")?.value;
  keys.forEach((metric, index) => {
    const depth = Number(metric.slice(metric.lastIndexOf("@") + 1));
    if (!metric.includes("@") || depth <= length) return;
    const element = list?.kind === "list" ? list.elements[index] : undefined;
    const place = element?.span ?? call.params.metrics?.span ?? call.span;
    const params = { metric, depth, length };
    const origin = originOf(model, depth);
    frame.session.reporter.add(report("KDP2221", params, place, { variant: "metric", ...origin }));
  });
}

/** KDP2221: a loss cannot read more items of a ranking than there are. */
export function checkLossDepth(loss: LossValue, teacher: TeacherRef, { frame }: StageContext): void {
  const { length } = teacher.type;
  const { rankingLength } = loss.facts;
  if (length === null || !rankingLength) return;
  const depth = rankingLength.reduce((sum, name) => sum + (numberOf(loss.call.params, name) ?? 0), 0);
  if (depth <= length) return;
  const params = { loss: loss.callee, depth, length };
  const origin = originOf(teacher, depth);
  frame.session.reporter.add(report("KDP2221", params, loss.calleeSpan, { variant: "loss", ...origin }));
}

/** KDP2221: a ranking cannot be made longer. The default length asks for as much as there is. */
export function checkRankDepth(teacher: TeacherRef, { call, frame }: StageContext): void {
  const { length } = teacher.type;
  const top = call.params.top;
  if (length === null || !top?.span || typeof top.value !== "number" || top.value <= length) return;
  const params = { asked: `\`${call.callee}\``, depth: top.value, length };
  frame.session.reporter.add(report("KDP2221", params, top.span, originOf(teacher, top.value)));
}

/** Where the length of a ranking was chosen, and how to make it long enough. */
function originOf({ node, type }: TeacherRef, depth: number): Pick<Diagnostic, "related" | "fixes"> {
  const { params, span } = node;
  const call = type.ranked?.call;
  const given = params.top?.span;
  const title = `rank the top ${depth}`;
  if (given && params.top?.origin.kind === "source") {
    return { related: [{ span: given, label: "the length is set here" }], fixes: [fix(title, given, String(depth))] };
  }
  const fixes = call && !given ? [{ ...addArgument(call, `top: ${depth}`), title }] : [];
  return { related: [{ span: given ?? call?.span ?? span, label: "the length is set here" }], fixes };
}

/** A loss that reads rankings of users needs a `rank` that made them. */
export function checkItemSide(loss: LossValue, teacher: TeacherRef, { frame }: StageContext): void {
  const { node, type } = teacher;
  if (!loss.facts.itemSide || type.kind === "Model" || type.kind === "Teacher") return;
  if (type.ranked && numberOf(node.params, "item_top") !== null) return;
  const call = type.ranked?.call;
  const fixes = call ? [addArgument(call, `item_top: ${type.length ?? 500}`)] : [];
  const params = {
    callee: loss.callee,
    view: "a ranking of users for each item",
    source: `this ${type.kind}`,
    views: "rankings of items for each user",
  };
  const related = [{ span: call?.span ?? node.span, label: "ranked here" }];
  frame.session.reporter.add(report("KDP2204", params, loss.calleeSpan, { fixes, related }));
}
