import type { NodeKind, PlanNode } from "@kdp/dsl";

/**
 * Arithmetic of the CPU, with a version that is raised when the same input begins to give other bits: a change of a
 * kernel's order of summation, for example. It enters the keys of nodes that compute, as the class of any other device does.
 */
export const CPU_CLASS = "cpu/1";

/** Kinds that compute with floating point; the rest only moves and selects data. */
const COMPUTING: ReadonlySet<NodeKind> = new Set<NodeKind>(["model", "ensemble", "teacher"]);
const COMPUTING_CORE = new Set(["rank", "clusters", "evaluate"]);

/**
 * Numeric class of a node; null when arithmetic cannot change its result. Only training has that of its device: rankings and
 * evaluations have the CPU's bits wherever they run.
 * @param device numeric class of the device that the node trains on
 */
export function numericClass(node: Pick<PlanNode, "kind" | "stage">, device: string): string | null {
  if (!COMPUTING.has(node.kind) && !COMPUTING_CORE.has(node.stage)) return null;
  return node.kind === "model" ? device : CPU_CLASS;
}
