import type { PlanExport } from "@kdp/dsl";
import { canonicalJson } from "../keys/canonical-json.js";
import { codeVersions } from "../keys/code-versions.js";
import { sha256 } from "../keys/sha256.js";
import type { CheckedPipeline } from "../run/check-pipeline.js";
import type { KeyedPlan } from "../run/plan-run.js";
import type { ArtefactStore } from "../store/artefact-store.js";

/** Raise it when the runtime hands a model to its exports in another way. */
const SCHEME = 1;

/** A model of the plan in a format: the same model in the same format by the same code has the same key, and is written once. */
export interface KeyedExport {
  readonly key: string;
  readonly model: { readonly node: string; readonly key: string };
  readonly format: PlanExport["formats"][number];
}

/** All exports of a plan, whether their gates pass or not. */
export function keyedExports(
  { plan, keyed }: Pick<KeyedPlan, "plan" | "keyed">,
  { plugins }: Pick<CheckedPipeline, "plugins">,
): readonly KeyedExport[] {
  const code = codeVersions(new Map([...plugins].map(([name, { manifest }]) => [name, manifest])));
  const keys = new Map(keyed.map(({ node, key }) => [node.id, key]));
  return plan.exports.flatMap(({ instances, formats }) =>
    instances.flatMap(({ node }) => {
      const model = keys.get(node);
      if (model === undefined) throw new Error(`the plan has no node "${node}"`);
      return formats.map((format) => {
        const { plugin, name } = format;
        const made = { export: SCHEME, plugin, format: name, code: code.ofStage(plugin, name), model };
        return { key: sha256(canonicalJson(made)), model: { node, key: model }, format };
      });
    }),
  );
}

/** Exported nodes whose model has to be read: some format of it is not in the store yet. */
export async function modelsToRead(
  exports: readonly KeyedExport[],
  store: Pick<ArtefactStore, "lookup">,
): Promise<readonly string[]> {
  const read = new Set<string>();
  for (const { key, model } of exports) if ((await store.lookup(key)).status !== "hit") read.add(model.node);
  return [...read];
}
