import type { ArtefactStore } from "../store/artefact-store.js";
import { damageWarning, type KeyedPlan } from "./plan-run.js";

/**
 * Checks the digests of stored results that nodes of this run are going to read. A damaged one is removed and becomes a
 * miss, so its own inputs are checked too. A run in which everything is cached reads nothing and checks nothing.
 */
export async function verifyInputs(planned: KeyedPlan, store: ArtefactStore): Promise<KeyedPlan> {
  const byId = new Map(planned.keyed.map((entry) => [entry.node.id, entry]));
  const hits = new Map(planned.hits);
  const warnings = [...planned.warnings];
  const damaged = new Set<string>();
  const seen = new Set<string>();
  const toRun = planned.keyed.filter(({ node }) => !hits.has(node.id)).map(({ node }) => node.id);
  for (let id = toRun.pop(); id !== undefined; id = toRun.pop()) {
    for (const { node: from } of byId.get(id)?.node.inputs ?? []) {
      const entry = byId.get(from);
      if (seen.has(from) || !entry || !hits.has(from)) continue;
      seen.add(from);
      const found = await store.verify(entry.key);
      if (found.status === "hit") continue;
      warnings.push(damageWarning(from, found.status === "damaged" ? found.why : "it is gone"));
      await store.remove(entry.key);
      hits.delete(from);
      damaged.add(from);
      toRun.push(from);
    }
  }
  if (damaged.size === 0) return planned;
  const nodes = planned.nodes.map((node) =>
    damaged.has(node.id)
      ? { ...node, cached: false, reason: { field: "artefact", was: "stored", now: "damaged" } }
      : node,
  );
  return { ...planned, hits, nodes, warnings };
}
