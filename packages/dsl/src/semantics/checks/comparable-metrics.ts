import { report } from "../../diagnostics/create-diagnostic.js";
import type { Expect } from "../../syntax/ast.js";
import type { Frame } from "../frame.js";
import type { Leaf, Operand } from "../gates/operand.js";
import type { MetricsType } from "../values.js";

/** KDP3310: numbers of different held-out events, or among different candidates, say nothing about each other. */
export function checkComparable(ast: Expect, left: Operand, right: Operand, frame: Frame): void {
  const a = measured(left.leaves);
  const b = measured(right.leaves);
  if (!a || !b) return;
  const { reporter } = frame.session;
  const related = [
    { span: a.leaf.span, label: eventsOf(a.type) },
    { span: b.leaf.span, label: eventsOf(b.type) },
  ];
  if (eventsOf(a.type) !== eventsOf(b.type) || a.type.universe !== b.type.universe) {
    const params = { left: eventsOf(a.type), right: eventsOf(b.type) };
    reporter.add(report("KDP3310", params, ast.opSpan, { variant: "split", related }));
  } else if (candidatesOf(a.type) !== candidatesOf(b.type)) {
    const params = { left: candidatesOf(a.type), right: candidatesOf(b.type) };
    reporter.add(report("KDP3310", params, ast.opSpan));
  }
}

function measured(leaves: readonly Leaf[]): { readonly leaf: Leaf; readonly type: MetricsType } | null {
  for (const leaf of leaves) {
    const { type } = leaf.value.ref;
    if (type.kind === "Metrics") return { leaf, type };
  }
  return null;
}

const eventsOf = ({ on }: MetricsType): string => `\`${on.node.name}.${on.output}\``;

const candidatesOf = ({ candidates, candidateSeed }: MetricsType): string =>
  candidates === null ? "a ranking of all items" : `one of ${candidates} sampled candidates (seed ${candidateSeed})`;
