import type { PlanNode } from "@kdp/dsl";
import type { KeyedPlan } from "../run/plan-run.js";
import type { NodeResult } from "../scheduler/node-result.js";

/**
 * The node that computed an exported model: the node itself, or the winner of a `best_of` (of a `best_of` …).
 * The winner is kept by position, as names of nodes are no part of keys.
 */
export function exportedModel(
  id: string,
  keyed: KeyedPlan,
  results: ReadonlyMap<string, Pick<NodeResult, "meta">>,
): { readonly node: PlanNode; readonly key: string } {
  const entries = new Map(keyed.keyed.map((entry) => [entry.node.id, entry]));
  let at = entries.get(id);
  while (at && at.node.kind === "core" && at.node.stage === "best_of") {
    const winner = results.get(at.node.id)?.meta?.facts.winner;
    const input = at.node.inputs.find(({ port, index }) => port === "candidates" && index === winner);
    if (!input) throw new Error(`the result of ${at.node.id} names no winner`);
    at = entries.get(input.node);
  }
  if (!at) throw new Error(`the plan has no node "${id}"`);
  return { node: at.node, key: at.key };
}
