import type { PlanExport } from "@kdp/dsl";
import { canonicalJson } from "../keys/canonical-json.js";
import { codeVersions } from "../keys/code-versions.js";
import { sha256 } from "../keys/sha256.js";
import type { CheckedPipeline } from "../run/check-pipeline.js";
import type { KeyedPlan } from "../run/plan-run.js";
import type { ArtefactStore } from "../store/artefact-store.js";

/** Raise it when the runtime hands a model to its exports in another way. */
const SCHEME = 1;

type Plugins = Pick<CheckedPipeline, "plugins">;

/** Key of a model in a format: the same model in the same format by the same code is written once. */
export function exportKey(format: PlanExport["formats"][number], model: string, { plugins }: Plugins): string {
  const code = codeVersions(new Map([...plugins].map(([name, { manifest }]) => [name, manifest])));
  const { plugin, name } = format;
  return sha256(canonicalJson({ export: SCHEME, plugin, format: name, code: code.ofStage(plugin, name), model }));
}

/** Key of an exported node. */
export function modelKey(id: string, { keyed }: Pick<KeyedPlan, "keyed">): string {
  const found = keyed.find(({ node }) => node.id === id);
  if (!found) throw new Error(`the plan has no node "${id}"`);
  return found.key;
}

/** Keys of all exports of a plan, whether their gates pass or not. */
export function exportKeys(keyed: Pick<KeyedPlan, "plan" | "keyed">, plugins: Plugins): readonly string[] {
  return keyed.plan.exports.flatMap(({ instances, formats }) =>
    instances.flatMap(({ node }) => formats.map((format) => exportKey(format, modelKey(node, keyed), plugins))),
  );
}

/** Exported nodes whose model has to be read: some format of it is not in the store yet. */
export async function modelsToRead(
  keyed: Pick<KeyedPlan, "plan" | "keyed">,
  plugins: Plugins,
  store: Pick<ArtefactStore, "lookup">,
): Promise<readonly string[]> {
  const read = new Set<string>();
  for (const { instances, formats } of keyed.plan.exports) {
    for (const { node } of instances) {
      for (const format of formats) {
        const found = await store.lookup(exportKey(format, modelKey(node, keyed), plugins));
        if (found.status !== "hit") read.add(node);
      }
    }
  }
  return [...read];
}
