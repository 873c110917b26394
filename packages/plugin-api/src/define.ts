import type { EnsembleDefinition } from "./ensemble.js";
import type { ExportDefinition } from "./export.js";
import type { LossDefinition } from "./loss.js";
import type { PluginManifest } from "./manifest.js";
import type { MetricDefinition } from "./metric.js";
import type { ModelDefinition } from "./model.js";
import type { ParamSchemas } from "./params.js";
import type { SplitDefinition } from "./split.js";
import type { TeacherDefinition } from "./teacher.js";

/** A plugin: one declared constant, the default export of its package. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  /** Semver range of the plugin API it was written for. */
  readonly api: string;
  readonly models?: Readonly<Record<string, ModelDefinition>>;
  readonly losses?: Readonly<Record<string, LossDefinition>>;
  readonly ensembles?: Readonly<Record<string, EnsembleDefinition>>;
  readonly splits?: Readonly<Record<string, SplitDefinition>>;
  readonly teachers?: Readonly<Record<string, TeacherDefinition>>;
  readonly metrics?: Readonly<Record<string, MetricDefinition>>;
  readonly exports?: Readonly<Record<string, ExportDefinition>>;
  readonly aliases?: NonNullable<PluginManifest["aliases"]>;
}

export const definePlugin = (plugin: Plugin): Plugin => plugin;

// The schema parameter types `params` inside the definition; outside, every definition is handled through its erased form.
export const defineModel = <const S extends ParamSchemas>(d: ModelDefinition<S>): ModelDefinition =>
  d as unknown as ModelDefinition;
export const defineLoss = <const S extends ParamSchemas>(d: LossDefinition<S>): LossDefinition =>
  d as unknown as LossDefinition;
export const defineEnsemble = <const S extends ParamSchemas>(d: EnsembleDefinition<S>): EnsembleDefinition =>
  d as unknown as EnsembleDefinition;
export const defineSplit = <const S extends ParamSchemas>(d: SplitDefinition<S>): SplitDefinition =>
  d as unknown as SplitDefinition;
export const defineTeacher = <const S extends ParamSchemas>(d: TeacherDefinition<S>): TeacherDefinition =>
  d as unknown as TeacherDefinition;
export const defineMetric = (d: MetricDefinition): MetricDefinition => d;
export const defineExport = (d: ExportDefinition): ExportDefinition => d;
