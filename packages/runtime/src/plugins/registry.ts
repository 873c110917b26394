import type {
  EnsembleDefinition,
  ExportDefinition,
  LossDefinition,
  MetricDefinition,
  ModelDefinition,
  SplitDefinition,
  TeacherDefinition,
} from "@kdp/plugin-api";

/**
 * Code of the plugins that this run uses, by plugin and stage name. Plugins load on first use.
 * Each getter throws a RuntimeFault naming plugin and version when the stage is not there.
 */
export interface PluginRegistry {
  model(plugin: string, stage: string): Promise<ModelDefinition>;
  loss(plugin: string, stage: string): Promise<LossDefinition>;
  ensemble(plugin: string, stage: string): Promise<EnsembleDefinition>;
  split(plugin: string, stage: string): Promise<SplitDefinition>;
  teacher(plugin: string, stage: string): Promise<TeacherDefinition>;
  metric(plugin: string, stage: string): Promise<MetricDefinition>;
  /**
   * A metric as arguments name it: `ndcg@10` of the standard library, `@acme/kdp-taste.novelty@5` of a plugin, with or
   * without a cut-off.
   */
  metricOf(key: string): Promise<MetricDefinition>;
  export(plugin: string, stage: string): Promise<ExportDefinition>;
}
