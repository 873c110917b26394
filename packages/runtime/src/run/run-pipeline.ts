import { relative } from "node:path";
import type { PlanGate } from "@kdp/dsl";
import { inject, injectable } from "tsyringe";
import type { RunEvent } from "../events/events.js";
import { keyedExports, modelsToRead } from "../exports/export-key.js";
import type { Exporter } from "../exports/exporter.js";
import { EXIT_CODE, type FaultData, RuntimeFault } from "../faults.js";
import type { Baselines } from "../gates/baseline.js";
import { evaluateGates } from "../gates/evaluate-gates.js";
import type { KeyMemory, Memory } from "../keys/key-memory.js";
import type { Project } from "../project/project.js";
import type { NodeResult } from "../scheduler/node-result.js";
import { longestPaths } from "../scheduler/priorities.js";
import type { ScheduledNode, Scheduler } from "../scheduler/scheduler.js";
import type { Significance } from "../significance/significance-tests.js";
import { moduleFor, type StageModules } from "../stages/registry.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import type { Leases } from "../store/leases.js";
import { TOKENS } from "../tokens.js";
import type { NodeTask } from "../worker/task.js";
import { buildManifest, manifestMetrics, manifestWarnings } from "./build-manifest.js";
import type { CheckedPipeline } from "./check-pipeline.js";
import { commitOf, environmentOf } from "./environment.js";
import { faultLocator } from "./locate-faults.js";
import type { RunManifest } from "./manifest.js";
import type { KeyedPlan } from "./plan-run.js";
import { finishRunFolder, type RunFolder } from "./run-folder.js";
import { gateValues, type NodeValues } from "./run-values.js";
import { verifyInputs } from "./verify-inputs.js";

export interface RunOutcome {
  readonly exitCode: number;
  readonly manifest: RunManifest;
  /** Faults that belong to no node: the manifest could not be written, for example. */
  readonly faults: readonly FaultData[];
}

/** Runs a keyed plan to its end: nodes, gates, exports, manifest. */
@injectable()
export class PipelineRun {
  readonly #project: Project;
  readonly #store: ArtefactStore;
  readonly #scheduler: Scheduler;
  readonly #leases: Leases;
  readonly #memory: KeyMemory;
  readonly #modules: StageModules;
  readonly #significance: Significance;
  readonly #baselines: Baselines;
  readonly #exporter: Exporter;
  readonly #folder: RunFolder;
  readonly #freeMemory: () => number;

  constructor(
    @inject(TOKENS.project) project: Project,
    @inject(TOKENS.store) store: ArtefactStore,
    @inject(TOKENS.scheduler) scheduler: Scheduler,
    @inject(TOKENS.leases) leases: Leases,
    @inject(TOKENS.keyMemory) memory: KeyMemory,
    @inject(TOKENS.stageModules) modules: StageModules,
    @inject(TOKENS.significance) significance: Significance,
    @inject(TOKENS.baselines) baselines: Baselines,
    @inject(TOKENS.exporter) exporter: Exporter,
    @inject(TOKENS.runFolder) folder: RunFolder,
    @inject(TOKENS.freeMemory) freeMemory: () => number,
  ) {
    this.#project = project;
    this.#store = store;
    this.#scheduler = scheduler;
    this.#leases = leases;
    this.#memory = memory;
    this.#modules = modules;
    this.#significance = significance;
    this.#baselines = baselines;
    this.#exporter = exporter;
    this.#folder = folder;
    this.#freeMemory = freeMemory;
  }

  async run(planned: KeyedPlan, checked: CheckedPipeline, options: ResolvedRunOptions): Promise<RunOutcome> {
    const startedAt = new Date();
    const started = performance.now();
    const { plan } = planned;
    const { run, path: folder } = this.#folder;
    const baseline = await this.#baselines.load(options.baseline, plan.pipeline);
    const commit = commitOf(this.#project.root);
    const exports = keyedExports(planned, checked);
    const exported = exports.map(({ key }) => key);
    const endLease = this.#leases.take(run, [...planned.keyed.map(({ key }) => key), ...exported]);
    try {
      options.emit({ type: "run-started", run, pipeline: plan.pipeline, nodes: plan.nodes.length, folder });
      for (const device of devicesInUse(planned)) options.emit({ type: "device", ...device });
      const models = await modelsToRead(exports, this.#store);
      const keyed = await verifyInputs(planned, this.#store, models);
      const locate = faultLocator(checked.sources);
      const results = await this.#scheduler.run(this.#scheduled(keyed, checked), {
        ...options,
        locate,
        run,
        memoryBytes: this.#freeMemory(),
      });
      const metrics = await manifestMetrics(keyed, results, this.#store);
      const gates = evaluateGates(plan.gates, {
        values: gateValues(valuesByNode(results, metrics)),
        baseline,
        requireBaseline: options.requireBaseline,
      });
      for (const { text, status } of gates) options.emit({ type: "gate", text, status });
      const published = await this.#exporter.run({ keyed, exports, results, gates, metrics, checked, options });
      this.#memory.write(plan.pipeline, memoryOf(keyed, results, exported));
      const exitCode = exitCodeOf(results, gates, published.faults, options.signal);
      const told = await buildManifest(
        {
          run,
          file: relative(this.#project.root, this.#project.pipelineFile),
          startedAt,
          seconds: (performance.now() - started) / 1000,
          exitCode,
          keyed,
          results,
          metrics,
          gates,
          exports: published.exports,
          blocked: published.blocked,
          warnings: manifestWarnings(
            checked.diagnostics,
            [...keyed.warnings, ...published.faults],
            checked.sources,
            this.#project.root,
          ),
          environment: environmentOf(checked.plugins, planned.devices, options.jobs, await commit),
          root: this.#project.root,
        },
        this.#store,
      );
      return this.#finish(await this.#withSignificance(told, plan.gates, options), published.faults, options);
    } finally {
      endLease();
    }
  }

  /** Tables that cannot be read cost the tests, never the run. An interrupted run is to end at once. */
  async #withSignificance(
    told: Omit<RunManifest, "significance">,
    gates: readonly PlanGate[],
    { signal }: ResolvedRunOptions,
  ): Promise<RunManifest> {
    if (signal.aborted) return { ...told, significance: [] };
    try {
      return { ...told, significance: await this.#significance.of(told, gates) };
    } catch (error) {
      if (!(error instanceof RuntimeFault)) throw error;
      const { code, message, place } = error.data;
      return { ...told, significance: [], warnings: [...told.warnings, { code, message, place: place ?? null }] };
    }
  }

  /** A manifest that cannot be written is a failed run; what was computed stays in the store. */
  #finish(manifest: RunManifest, faults: readonly FaultData[], options: ResolvedRunOptions): RunOutcome {
    try {
      finishRunFolder(this.#folder, manifest);
      options.emit({ type: "run-finished", exitCode: manifest.exitCode, seconds: manifest.seconds });
      return { exitCode: manifest.exitCode, manifest, faults };
    } catch (error) {
      if (!(error instanceof RuntimeFault)) throw error;
      const exitCode = Math.max(manifest.exitCode, EXIT_CODE[error.data.kind]);
      options.emit({ type: "run-finished", exitCode, seconds: manifest.seconds });
      return { exitCode, manifest: { ...manifest, exitCode }, faults: [...faults, error.data] };
    }
  }

  #scheduled(keyed: KeyedPlan, checked: CheckedPipeline): readonly ScheduledNode[] {
    const keys = new Map(keyed.keyed.map(({ node, key }) => [node.id, key]));
    const seconds = new Map(keyed.nodes.map((node) => [node.id, node.seconds]));
    const priorities = longestPaths(keyed.plan.nodes, (id) => seconds.get(id) ?? 0);
    const plugins = [...checked.plugins.values()];
    return keyed.keyed.map(({ node, key, files }) => {
      const task: NodeTask = {
        kdpTask: 1,
        kind: "node",
        kdpFolder: this.#project.kdpFolder,
        plugins,
        node,
        key,
        inputs: node.inputs.map((input) => ({ ...input, key: keys.get(input.node) ?? "" })),
        files: Object.fromEntries(Object.entries(files).map(([name, { path }]) => [name, path])),
        module: moduleFor(node, this.#modules),
        device: keyed.devices.of(node),
      };
      return {
        node,
        task,
        hit: keyed.hits.get(node.id) ?? null,
        priority: priorities.get(node.id) ?? 0,
        memory: (meta) => keyed.forecast.atStart(node, meta),
      };
    });
  }
}

/** The devices that nodes of this run are about to train or rank on, with why each was taken. */
function devicesInUse({ keyed, hits, devices }: KeyedPlan) {
  const used = keyed
    .filter(({ node }) => (devices.trains(node) || devices.ranks(node)) && !hits.has(node.id))
    .map(({ node }) => devices.of(node));
  const told = used.map(({ name, found, why }) => ({ device: name, found, why }));
  return [...new Map(told.map((device) => [JSON.stringify(device), device])).values()];
}

/** Options of a run with every default filled in. */
export interface ResolvedRunOptions {
  readonly jobs: number;
  /** Threads of all nodes that run at once together: as many as jobs, if there are as many cores. */
  readonly threads: number;
  readonly baseline: string | null;
  readonly requireBaseline: boolean;
  readonly signal: AbortSignal;
  emit(event: RunEvent): void;
}

function valuesByNode(
  results: ReadonlyMap<string, NodeResult>,
  metrics: RunManifest["metrics"],
): ReadonlyMap<string, NodeValues> {
  const values = new Map<string, NodeValues>();
  for (const [id, { meta }] of results) {
    if (!meta) continue;
    const rows = metrics.filter(({ node }) => node === id).map((row) => ({ ...row, epoch: row.epoch ?? null }));
    values.set(id, { metrics: rows, facts: meta.facts });
  }
  return values;
}

/** What a part of the pipeline leaves out is remembered as it was. */
function memoryOf(keyed: KeyedPlan, results: ReadonlyMap<string, NodeResult>, exported: readonly string[]): Memory {
  const nodes = keyed.keyed.flatMap(({ node, key, ingredients }) => {
    const result = results.get(node.id);
    if (!result) return [];
    const last = keyed.memory.nodes[node.id];
    const seconds = result.meta?.seconds ?? last?.seconds ?? null;
    const peakBytes = result.meta?.peakRssBytes ?? last?.peakBytes ?? null;
    return [[node.id, { key, status: result.status, ingredients, seconds, peakBytes }] as const];
  });
  const now = Object.fromEntries(nodes);
  return keyed.part === null
    ? { nodes: now, exports: exported }
    : { nodes: { ...keyed.memory.nodes, ...now }, exports: keyed.memory.exports };
}

/** The worst of what happened: a bug 4, a failed node 3, a user's fault 2, a failed gate 1; an interrupt has codes of its own. */
function exitCodeOf(
  results: ReadonlyMap<string, NodeResult>,
  gates: RunManifest["gates"],
  faults: readonly FaultData[],
  signal: AbortSignal,
): number {
  if (signal.aborted) return signal.reason === "SIGTERM" ? 143 : 130;
  const failures = [...faults, ...[...results.values()].flatMap(({ fault }) => (fault ? [fault] : []))];
  const gate = gates.some(({ status }) => status === "failed") ? 1 : 0;
  return Math.max(gate, ...failures.map(({ kind }) => EXIT_CODE[kind]));
}
