import { isRoot } from "../semantics/checks/unused.js";
import { leavesOf } from "../semantics/gates/gate.js";
import type { Node } from "../semantics/node-table.js";
import type { EvaluatedPipeline } from "../semantics/pipeline/pipeline.js";
import type { Value } from "../semantics/values.js";

/** The nodes that a run computes: those that exports, gates and metrics read, directly or not. */
export function reachableNodes(pipeline: EvaluatedPipeline): {
  readonly roots: readonly Node[];
  readonly all: ReadonlySet<Node>;
} {
  const roots = new Set<Node>();
  const { lets, gates, exports } = pipeline;
  lets.lets.forEach((_, index) => {
    for (const value of lets.valuesOf(index)) if (isRoot(value)) for (const node of nodesOf(value)) roots.add(node);
  });
  for (const { instances } of gates) {
    for (const { left, right } of instances) {
      for (const side of [left, right]) for (const { value } of leavesOf(side.expr)) roots.add(value.ref.node);
    }
  }
  for (const { instances } of exports) for (const { node } of instances) roots.add(node);

  const all = new Set<Node>();
  const visit = (node: Node): void => {
    if (all.has(node)) return;
    all.add(node);
    for (const { ref } of node.inputs) visit(ref.node);
  };
  for (const root of roots) visit(root);
  const inOrder = [...roots].sort((a, b) => a.index - b.index);
  return { roots: inOrder, all };
}

function* nodesOf(value: Value): Generator<Node> {
  if (value.kind === "ref") yield value.node;
  if (value.kind === "list") for (const element of value.elements) yield* nodesOf(element.value);
}
