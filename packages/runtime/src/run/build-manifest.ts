import { relative } from "node:path";
import type { Diagnostic } from "@kdp/dsl";
import type { FaultData } from "../faults.js";
import { RANKED_ON } from "../ranking/ranker.js";
import { logName } from "../scheduler/node-logs.js";
import type { NodeResult } from "../scheduler/node-result.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import { curvePoints, metricValues } from "./artefact-rows.js";
import type { ManifestExport, ManifestGate, ManifestMetric, ManifestNode, RunManifest } from "./manifest.js";
import type { KeyedPlan, PlannedNode } from "./plan-run.js";

export interface ManifestParts {
  readonly run: string;
  /** The `.kdp` file, relative to the project root. */
  readonly file: string;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly exitCode: number;
  readonly keyed: KeyedPlan;
  readonly results: ReadonlyMap<string, NodeResult>;
  readonly metrics: readonly ManifestMetric[];
  readonly gates: readonly ManifestGate[];
  readonly exports: readonly ManifestExport[];
  readonly blocked: RunManifest["blocked"];
  readonly warnings: RunManifest["warnings"];
  readonly environment: RunManifest["environment"];
  readonly root: string;
}

/** Everything but `significance`, which reads the rest. */
export async function buildManifest(
  parts: ManifestParts,
  store: ArtefactStore,
): Promise<Omit<RunManifest, "significance">> {
  const { plan, part } = parts.keyed;
  const planned = new Map(parts.keyed.nodes.map((node) => [node.id, node]));
  const nodes: ManifestNode[] = [];
  for (const entry of parts.keyed.keyed) {
    const result = parts.results.get(entry.node.id);
    if (result) nodes.push(await manifestNode(entry, result, planned.get(entry.node.id) ?? null, parts.root, store));
  }
  return {
    kdpManifest: 1,
    run: parts.run,
    pipeline: plan.pipeline,
    doc: plan.doc,
    file: parts.file,
    startedAt: parts.startedAt.toISOString(),
    seconds: parts.seconds,
    exitCode: parts.exitCode,
    ...(part === null ? {} : { part }),
    params: plan.params,
    axes: plan.axes,
    nodes,
    metrics: parts.metrics,
    gates: parts.gates,
    exports: parts.exports,
    blocked: parts.blocked,
    warnings: parts.warnings,
    environment: parts.environment,
  };
}

async function manifestNode(
  { node, key, files }: KeyedPlan["keyed"][number],
  result: NodeResult,
  planned: PlannedNode | null,
  root: string,
  store: ArtefactStore,
): Promise<ManifestNode> {
  const { meta } = result;
  return {
    id: node.id,
    name: node.name,
    aliases: node.aliases,
    stage: node.stage,
    plugin: node.plugin,
    kind: node.kind,
    cell: node.cell,
    key,
    status: result.status,
    seconds: result.seconds,
    computedSeconds: meta?.seconds ?? null,
    cpuSeconds: meta?.cpuSeconds ?? null,
    threads: meta?.threads ?? null,
    params: node.params,
    origins: node.origins,
    lesson: node.lesson,
    inputs: node.inputs,
    facts: meta?.facts ?? {},
    notes: meta?.notes ?? [],
    curve: meta ? await curvePoints(meta, store) : [],
    fault: result.fault && manifestFault(result.fault, root),
    because: result.because,
    reason: result.status === "hit" ? null : (planned?.reason ?? null),
    attempts: result.attempts,
    peakRssBytes: result.peakRssBytes ?? meta?.peakRssBytes ?? null,
    device: deviceOf(node, meta, planned),
    storedBytes: meta ? meta.tables.reduce((sum, table) => sum + table.bytes, 0) : null,
    files: Object.fromEntries(
      Object.entries(files).map(([name, { path, sha256 }]) => [name, { path: relative(root, path), sha256 }]),
    ),
    log: result.attempts > 0 ? `logs/${logName(node.id)}` : null,
  };
}

/**
 * A model's own is part of its key. The result of a ranking is the same wherever it ran, so the stored one may come from another
 * device than this run would have taken, and scores that are no inner products are ranked by the CPU in any case.
 */
function deviceOf(
  { kind }: KeyedPlan["keyed"][number]["node"],
  meta: NodeResult["meta"],
  planned: PlannedNode | null,
): string | null {
  if (kind === "model" || !meta) return planned?.device ?? null;
  const on = meta.facts[RANKED_ON];
  return typeof on === "string" ? on : null;
}

/** With its `.kdp` file named as the rest of the manifest names files. */
const manifestFault = (fault: FaultData, root: string): FaultData =>
  fault.at ? { ...fault, at: { ...fault.at, file: relative(root, fault.at.file) } } : fault;

/** Rows of all metrics nodes that have a result. */
export async function manifestMetrics(
  keyed: KeyedPlan,
  results: ReadonlyMap<string, NodeResult>,
  store: ArtefactStore,
): Promise<readonly ManifestMetric[]> {
  const rows: ManifestMetric[] = [];
  for (const { node } of keyed.keyed) {
    const meta = results.get(node.id)?.meta;
    if (node.type.kind !== "Metrics" || !meta) continue;
    for (const { epoch, ...row } of await metricValues(meta, store)) {
      const split = node.type.role;
      rows.push({ node: node.id, cell: node.cell, split, ...row, ...(epoch === null ? {} : { epoch }) });
    }
  }
  return rows;
}

/** Warnings of the compiler and of the run in one list, without repetition. */
export function manifestWarnings(
  diagnostics: readonly Diagnostic[],
  faults: readonly FaultData[],
  sources: ReadonlyMap<string, string>,
  root: string,
): RunManifest["warnings"] {
  const told = [
    ...diagnostics
      .filter(({ severity }) => severity === "warning")
      .map(({ code, message, span }) => {
        const line = (sources.get(span.file) ?? "").slice(0, span.start).split("\n").length;
        return { code, message, place: `${relative(root, span.file)}:${line}` };
      }),
    ...faults.map(({ code, message, place }) => ({ code, message, place: place ?? null })),
  ];
  return [...new Map(told.map((warning) => [JSON.stringify(warning), warning])).values()];
}
