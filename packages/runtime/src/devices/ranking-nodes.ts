import type { PlanNode } from "@kdp/dsl";
import type { PluginManifest } from "@kdp/plugin-api";

/** Stages of kdp that rank what they read. */
const RANKING_CORE = new Set(["rank", "evaluate"]);
/** Ports that bring what is ranked. */
const RANKED_PORTS = new Set(["teacher", "teachers", "model"]);

/**
 * Whether a node that does not train may rank by inner products: those are what a device ranks. Lists are ranked already, also
 * those of a file's embeddings, by the CPU when they are read; an evaluation ranks the embeddings anew.
 */
export function ranksProducts(
  { kind, stage, inputs }: PlanNode,
  nodes: ReadonlyMap<string, PlanNode>,
  manifests: ReadonlyMap<string, PluginManifest>,
): boolean {
  if (kind !== "ensemble" && !(kind === "core" && RANKING_CORE.has(stage))) return false;
  return inputs.some(({ port, node }) => {
    const ranked = RANKED_PORTS.has(port) ? nodes.get(node) : undefined;
    return ranked?.kind === "teacher" ? stage === "evaluate" : mayHaveFactors(ranked, manifests);
  });
}

/** What one of several models is (`best_of`), or a stored one, shows only when it is read. */
function mayHaveFactors(node: PlanNode | undefined, manifests: ReadonlyMap<string, PluginManifest>): boolean {
  if (!node || node.kind === "ensemble" || (node.kind === "core" && node.stage === "rank")) return false;
  if (node.kind !== "model") return true;
  const facts = manifests.get(node.plugin)?.stages[node.stage];
  return facts?.kind === "model" && facts.factors === true;
}
