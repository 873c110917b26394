import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { Arg, ListExpr } from "../syntax/ast.js";
import { unite } from "./axes.js";
import { evaluateSettled, refuseOver } from "./evaluate.js";
import { type Frame, labelled } from "./frame.js";
import type { Want } from "./names.js";
import { insertBefore, ownLabel } from "./places.js";
import { axesOf, type ListElement, type ListValue, type Value } from "./values.js";

/** A list literal. Stages and nodes in it are reachable by their label, or by the name they are called by. */
export function evaluateList(expr: ListExpr, frame: Frame, want: Want): ListValue {
  const labels = new Map<string, Arg>();
  const elements = expr.elements.map((arg): ListElement => {
    refuseOver(arg, frame);
    const label = arg.label && !arg.label.missing ? arg.label.text : ownLabel(arg.value);
    const value = evaluateSettled(arg.value, labelled(frame, label), want);
    if (value.kind === "metric") reportRepeat(value.key, arg, labels, frame);
    if (!hasName(value)) return { label: arg.label ? label : null, value, span: arg.span };
    if (label !== null) {
      const earlier = labels.get(label);
      if (earlier) reportTwins(label, earlier, arg, labels, frame);
      else labels.set(label, arg);
    }
    return { label, value, span: arg.value.span };
  });
  return { kind: "list", elements, axes: unite(...elements.map((element) => axesOf(element.value))) };
}

/** Settings and numbers in a list go by their position. */
const hasName = (value: Value): boolean => !["literal", "metric", "loss", "measure", "unknown"].includes(value.kind);

/** A metric that is measured twice is a slip; nothing could tell the two apart. */
function reportRepeat(key: string, arg: Arg, seen: Map<string, Arg>, frame: Frame): void {
  const earlier = seen.get(key);
  if (!earlier) {
    seen.set(key, arg);
    return;
  }
  const related = [{ span: earlier.span, label: "the first one" }];
  frame.session.reporter.add(report("KDP2213", { name: key }, arg.span, { related }));
}

function reportTwins(label: string, earlier: Arg, arg: Arg, taken: Map<string, Arg>, frame: Frame): void {
  let free = 2;
  while (taken.has(`${label}${free}`)) free++;
  const related = [{ span: earlier.label?.span ?? earlier.span, label: "the first one" }];
  const other = `${label}${free}`;
  taken.set(other, arg);
  const fixes = arg.label
    ? [fix(`call it \`${other}\``, arg.label.span, other)]
    : [insertBefore("add a label", arg.span, `${other}: `)];
  const place = arg.label?.span ?? arg.span;
  frame.session.reporter.add(report("KDP2213", { name: label }, place, { related, fixes }));
}
