import type { MetricDefinition } from "@kdp/plugin-api";
import { parseMetricKey } from "../plugins/metric-key.js";
import type { PluginRegistry } from "../plugins/registry.js";

/** A metric as a pipeline asks for it. */
export interface MetricRequest {
  /** As written in the plan: `ndcg@10`, `@acme/kdp-novelty.novelty@10`. */
  readonly key: string;
  /** The key without its cut-off. */
  readonly metric: string;
  readonly cutoff: number | null;
  readonly definition: MetricDefinition;
}

/** Loads the code of the metrics, each once. */
export const loadMetrics = (keys: readonly string[], plugins: PluginRegistry): Promise<MetricRequest[]> =>
  Promise.all(
    [...new Set(keys)].map(async (key) => {
      const { plugin, stage, cutoff } = parseMetricKey(key);
      const metric = plugin === null ? stage : `${plugin}.${stage}`;
      return { key, metric, cutoff, definition: await plugins.metricOf(key) };
    }),
  );
