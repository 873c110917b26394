import type { ParamValue } from "@kdp/dsl";
import type { PluginManifest } from "@kdp/plugin-api";
import { parseMetricKey, pluginOfMetric } from "../plugins/metric-key.js";

/** Versions of the code behind stages, as they enter keys: `cacheVersion` if declared, else the plugin's version. */
export interface CodeVersions {
  ofStage(plugin: string, stage: string): string;
  /** Of the metrics named in arguments such as `ndcg@10` or `[hit@5, acme.novelty@5]`, by name. */
  ofMetrics(values: readonly ParamValue[]): Readonly<Record<string, string>>;
}

/**
 * Versions of the stages that live in the runtime. Raise one when the same arguments begin to give other results.
 */
const CORE_CODE_VERSIONS: Readonly<Record<string, number>> = {
  dataset: 1,
  rank: 1,
  clusters: 1,
  evaluate: 1,
  best_of: 1,
};

/** @param manifests every plugin of the plan by name, the standard library first */
export function codeVersions(manifests: ReadonlyMap<string, PluginManifest>): CodeVersions {
  const ofStage = (plugin: string, stage: string): string => {
    const manifest = manifests.get(plugin);
    if (!manifest) {
      const core = CORE_CODE_VERSIONS[stage];
      if (core === undefined) throw new Error(`the plan uses stage "${stage}" of "${plugin}", which was not resolved`);
      return `cache:${core}`;
    }
    const cacheVersion = manifest.stages[stage]?.cacheVersion;
    return cacheVersion === undefined ? `version:${manifest.version}` : `cache:${cacheVersion}`;
  };
  const ofMetrics = (values: readonly ParamValue[]) => {
    const found: Record<string, string> = {};
    for (const text of textsIn(values)) {
      const key = parseMetricKey(text);
      const plugin = pluginOfMetric(key, manifests.values());
      if (plugin) found[text.replace(/@\d+$/, "")] = `${plugin.name} ${ofStage(plugin.name, key.stage)}`;
    }
    return found;
  };
  return { ofStage, ofMetrics };
}

function* textsIn(values: readonly ParamValue[]): Generator<string> {
  for (const value of values) {
    if (typeof value === "string") yield value;
    else if (Array.isArray(value)) yield* textsIn(value as readonly ParamValue[]);
  }
}
