import { canonicalJson } from "./canonical-json.js";
import type { Ingredients } from "./ingredients.js";

/** Why a node must run, or what a change of it was: the first difference to the last run. */
export interface MissReason {
  /** For people: `temperature`, `rrd.weight`, `input teachers[0]`, `file source`, `code of rrd`. */
  readonly field: string;
  readonly was: unknown;
  readonly now: unknown;
}

/** What the last run knew of a node. */
export interface RememberedNode {
  readonly key: string;
  readonly status: "hit" | "ran" | "failed" | "skipped";
  readonly ingredients: Ingredients;
}

/**
 * Why there is no artefact under a node's key.
 */
export function explainMiss(
  now: { readonly key: string; readonly ingredients: Ingredients },
  last: RememberedNode | undefined,
): MissReason {
  if (!last) return { field: "node", was: null, now: "new" };
  if (last.key === now.key) {
    const was = last.status === "failed" || last.status === "skipped" ? last.status : "stored";
    return { field: "artefact", was, now: was === "stored" ? "gone" : "to run" };
  }
  const before = new Map(facts(last.ingredients));
  const after = new Map(facts(now.ingredients));
  for (const field of new Set([...after.keys(), ...before.keys()])) {
    const [was, is] = [before.get(field) ?? null, after.get(field) ?? null];
    if (canonicalJson(was) !== canonicalJson(is)) return { field, was, now: is };
  }
  return { field: "key", was: last.key, now: now.key };
}

/** The ingredients as named facts: what a person changed by hand first, what follows from elsewhere last. */
function* facts(of: Ingredients): Generator<[field: string, value: unknown]> {
  yield ["stage", of.stage];
  for (const [name, value] of Object.entries(of.params)) yield [name, value];
  for (const [name, file] of Object.entries(of.files))
    yield [`file ${name}`, `${file.sha256.slice(0, 12)}${file.ending}`];
  if (of.lesson) {
    yield ["losses", of.lesson.losses.map((loss) => loss.stage).join(", ")];
    yield ["base_weight", of.lesson.baseWeight];
    for (const { stage, params } of of.lesson.losses) {
      for (const [name, value] of Object.entries(params)) yield [`${stage}.${name}`, value];
    }
  }
  yield ["plugin", of.plugin];
  yield [`code of ${of.stage}`, of.code];
  for (const { stage, plugin, code } of of.lesson?.losses ?? []) yield [`code of ${stage}`, `${plugin} ${code}`];
  for (const [name, code] of Object.entries(of.metrics)) yield [`code of ${name}`, code];
  for (const [port, { output }] of Object.entries(of.inputs)) yield [`output of ${port}`, output];
  for (const [port, { key }] of Object.entries(of.inputs)) yield [`input ${port}`, key.slice(0, 12)];
  yield ["device", of.numeric];
  yield ["scheme", of.scheme];
}
