import type { PluginManifest } from "@kdp/plugin-api";

/** A metric as arguments and metrics tables name it. */
export interface MetricKey {
  /** Name of the plugin's package; null for a metric of the standard library. */
  readonly plugin: string | null;
  readonly stage: string;
  readonly cutoff: number | null;
}

/** Reads `ndcg@10`, `coverage` or `@acme/kdp-taste.novelty@5`. */
export function parseMetricKey(key: string): MetricKey {
  const [, name = key, cutoff] = /^(.+)@(\d+)$/.exec(key) ?? [];
  // Names of stages hold no dot, names of packages may.
  const dot = name.lastIndexOf(".");
  return {
    plugin: dot < 0 ? null : name.slice(0, dot),
    stage: name.slice(dot + 1),
    cutoff: cutoff === undefined ? null : Number(cutoff),
  };
}

/**
 * The plugin that a metric belongs to; null when there is none.
 * @param manifests the standard library before plugins of `use`, which only answer to their own name
 */
export function pluginOfMetric(
  { plugin, stage }: Pick<MetricKey, "plugin" | "stage">,
  manifests: Iterable<PluginManifest>,
): PluginManifest | null {
  for (const manifest of manifests) {
    if ((plugin === null || plugin === manifest.name) && manifest.stages[stage]?.kind === "metric") return manifest;
  }
  return null;
}
