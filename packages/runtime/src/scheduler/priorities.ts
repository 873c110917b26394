import type { PlanNode } from "@kdp/dsl";

/** Seconds assumed for a node that never ran here: only their proportions matter. */
const ASSUMED: Readonly<Record<string, number>> = { model: 60, ensemble: 5, rank: 3, evaluate: 3, dataset: 3 };

/** Estimated seconds of a node: those of its last run, else an assumption by its kind. */
export function estimateSeconds(node: Pick<PlanNode, "kind" | "stage">, last: number | null): number {
  return last ?? ASSUMED[node.kind === "core" ? node.stage : node.kind] ?? 1;
}

/**
 * Length in seconds of the longest chain that starts at each node. Starting the longest first keeps the end of a run from
 * waiting for one late, long node.
 * @param nodes in topological order
 */
export function longestPaths(
  nodes: readonly Pick<PlanNode, "id" | "inputs">[],
  seconds: (id: string) => number,
): ReadonlyMap<string, number> {
  const after = new Map<string, number>();
  const total = new Map<string, number>();
  for (const node of [...nodes].reverse()) {
    const length = seconds(node.id) + (after.get(node.id) ?? 0);
    total.set(node.id, length);
    for (const { node: from } of node.inputs) after.set(from, Math.max(after.get(from) ?? 0, length));
  }
  return total;
}
