import type { FaultData } from "../faults.js";
import type { CheckedPipeline } from "../run/check-pipeline.js";
import type { ManifestExport, ManifestGate, ManifestMetric, RunManifest } from "../run/manifest.js";
import type { KeyedPlan } from "../run/plan-run.js";
import type { ResolvedRunOptions } from "../run/run-pipeline.js";
import type { NodeResult } from "../scheduler/node-result.js";
import type { KeyedExport } from "./export-key.js";

export interface ExportRequest {
  readonly keyed: KeyedPlan;
  /** With their keys, in the order of the plan. */
  readonly exports: readonly KeyedExport[];
  readonly results: ReadonlyMap<string, NodeResult>;
  readonly gates: readonly ManifestGate[];
  readonly metrics: readonly ManifestMetric[];
  readonly checked: CheckedPipeline;
  readonly options: ResolvedRunOptions;
}

export interface Published {
  readonly exports: readonly ManifestExport[];
  readonly blocked: RunManifest["blocked"];
  readonly faults: readonly FaultData[];
}

/** Hands out what the pipeline exports, once its gates have passed. */
export interface Exporter {
  run(request: ExportRequest): Promise<Published>;
}
