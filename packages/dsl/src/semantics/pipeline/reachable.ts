import { leavesOf } from "../gates/gate.js";
import type { Node } from "../node-table.js";
import type { Value } from "../values.js";
import type { EvaluatedPipeline } from "./pipeline.js";

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
  const open = [...roots];
  for (let node = open.pop(); node; node = open.pop()) {
    if (all.has(node)) continue;
    all.add(node);
    open.push(...node.inputs.map(({ ref }) => ref.node));
  }
  const inOrder = [...roots].sort((a, b) => a.index - b.index);
  return { roots: inOrder, all };
}

function* nodesOf(value: Value): Generator<Node> {
  if (value.kind === "ref") yield value.node;
  if (value.kind === "list") for (const element of value.elements) yield* nodesOf(element.value);
}

/** Metrics run for their own sake; of what is unknown nothing can be said. */
export function isRoot(value: Value): boolean {
  if (value.kind === "unknown") return true;
  if (value.kind === "list") return value.elements.length > 0 && value.elements.every((e) => isRoot(e.value));
  return value.kind === "ref" && value.type.kind === "Metrics";
}
