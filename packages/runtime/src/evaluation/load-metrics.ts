import type { MetricDefinition } from "@kdp/plugin-api";
import type { PluginRegistry } from "../plugins/registry.js";

/** Metrics whose key names no plugin are the standard library's. */
const LIBRARY = "@kdp/plugins";

/** A metric as a pipeline asks for it. */
export interface MetricRequest {
  /** As written in the plan: `ndcg@10`, `@acme/kdp-novelty.novelty@10`. */
  readonly key: string;
  /** The key without its cut-off. */
  readonly metric: string;
  readonly cutoff: number | null;
  readonly definition: MetricDefinition;
}

/** Splits a key into plugin, name and cut-off. @throws Error when it is no key (a bug of the compiler). */
export function parseMetricKey(key: string): { plugin: string; name: string; metric: string; cutoff: number | null } {
  const parts = /^(?:(.+)\.)?([A-Za-z_][A-Za-z0-9_]*)(?:@(\d+))?$/.exec(key);
  if (!parts) throw new Error(`"${key}" is no metric`);
  const [, plugin, name = "", cutoff] = parts;
  return {
    plugin: plugin ?? LIBRARY,
    name,
    metric: plugin === undefined ? name : `${plugin}.${name}`,
    cutoff: cutoff === undefined ? null : Number(cutoff),
  };
}

/** Loads the code of the metrics, each once. */
export const loadMetrics = (keys: readonly string[], plugins: PluginRegistry): Promise<MetricRequest[]> =>
  Promise.all(
    [...new Set(keys)].map(async (key) => {
      const { plugin, name, metric, cutoff } = parseMetricKey(key);
      return { key, metric, cutoff, definition: await plugins.metric(plugin, name) };
    }),
  );
