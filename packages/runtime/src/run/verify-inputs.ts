import type { ArtefactMeta } from "../store/artefact.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import { ROW_TABLES } from "../store/row-tables.js";
import { damageWarning, type KeyedPlan } from "./plan-run.js";

/**
 * Checks the digests of stored results that this run is going to read: the inputs of nodes that run, what `alsoRead` names,
 * and tables of numbers that are too long to stand in `artefact.json`. A damaged result is removed and becomes a miss, so its
 * own inputs are checked too. A run in which everything is cached usually reads nothing and checks nothing.
 * @param alsoRead ids of nodes that are read whether or not another node runs: models to be exported
 */
export async function verifyInputs(
  planned: KeyedPlan,
  store: ArtefactStore,
  alsoRead: readonly string[],
): Promise<KeyedPlan> {
  const byId = new Map(planned.keyed.map((entry) => [entry.node.id, entry]));
  const hits = new Map(planned.hits);
  const warnings = [...planned.warnings];
  const damaged = new Set<string>();
  const inputsOf = (id: string) => byId.get(id)?.node.inputs.map((input) => input.node) ?? [];
  const toRun = planned.keyed.flatMap(({ node }) => (hits.has(node.id) ? [] : [node.id]));
  const long = [...hits].flatMap(([id, meta]) => (hasLongRows(meta) ? [id] : []));
  const toCheck = [...toRun.flatMap(inputsOf), ...alsoRead, ...long];
  const seen = new Set<string>();
  for (let id = toCheck.pop(); id !== undefined; id = toCheck.pop()) {
    const entry = byId.get(id);
    if (seen.has(id) || !entry || !hits.has(id)) continue;
    seen.add(id);
    const found = await store.verify(entry.key);
    if (found.status === "hit") continue;
    warnings.push(damageWarning(id, found.status === "damaged" ? found.why : "it is gone"));
    await store.remove(entry.key);
    hits.delete(id);
    damaged.add(id);
    toCheck.push(...inputsOf(id));
  }
  if (damaged.size === 0) return planned;
  const nodes = planned.nodes.map((node) =>
    damaged.has(node.id)
      ? { ...node, cached: false, reason: { field: "artefact", was: "stored", now: "damaged" } }
      : node,
  );
  return { ...planned, hits, nodes, warnings };
}

const hasLongRows = ({ tables, rows }: ArtefactMeta): boolean =>
  tables.some(({ name }) => ROW_TABLES.has(name) && rows?.[name] === undefined);
