import { setMaxListeners } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Diagnostic, Plan } from "@kdp/dsl";
import type { DependencyContainer } from "tsyringe";
import { type Configure, createComposition, projectScope, storeScope, withRunFolder } from "../composition.js";
import type { RunEvent } from "../events/events.js";
import { EXIT_CODE, type FaultData, RuntimeFault } from "../faults.js";
import { LockFile } from "../plugins/lock-file.js";
import { openProject, type Project } from "../project/project.js";
import { projectRoot } from "../project/root.js";
import type { CacheMaintenance } from "../store/maintenance.js";
import { sweepTemporary } from "../store/temporary.js";
import { TOKENS } from "../tokens.js";
import { type CheckedPipeline, checkPipeline } from "./check-pipeline.js";
import type { RunManifest } from "./manifest.js";
import type { PipelineOptions, RunOptions } from "./options.js";
import type { KeyedPlan, PlannedNode, Planner } from "./plan-run.js";
import { makeRunFolder, newRunId } from "./run-folder.js";
import type { PipelineRun } from "./run-pipeline.js";

/** What every operation on a pipeline tells. */
export interface CheckResult {
  /** 0, or what the diagnostics and faults amount to. */
  readonly exitCode: number;
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files that the diagnostics point into. */
  readonly sources: ReadonlyMap<string, string>;
  /** What went wrong beside the text: files, plugins, configuration. */
  readonly faults: readonly FaultData[];
  readonly plan: Plan | null;
  /** Project root; null when the configuration cannot be read. */
  readonly root: string | null;
}

export interface PlanResult extends CheckResult {
  /** In topological order; null when there is no plan. */
  readonly nodes: readonly PlannedNode[] | null;
  /** What `--device` came to, with why; null when there is no plan. */
  readonly device: { readonly name: string; readonly found: string; readonly why: string } | null;
}

export interface RunResult extends CheckResult {
  /** Null when nothing was run. */
  readonly manifest: RunManifest | null;
  readonly folder: string | null;
}

/** The runtime as a host (the command line, a test, a service) uses it. Nothing here throws for what a user can cause. */
export interface Runtime {
  /** Compiles; opens no data file. */
  check(options: PipelineOptions): Promise<CheckResult>;
  /** Compiles, digests data files, computes keys and looks them up. Runs nothing, writes nothing but memories of digests. */
  plan(options: PipelineOptions): Promise<PlanResult>;
  run(options: RunOptions, onEvent?: (event: RunEvent) => void): Promise<RunResult>;
  /**
   * Works on the artefact store of the project that a folder belongs to.
   * @throws RuntimeFault KDP8003, KDP8004 when the store cannot be written
   */
  cache<T>(folder: string, body: (cache: CacheMaintenance) => Promise<T>): Promise<T>;
}

/** @param configure replaces services by their tokens */
export function createRuntime(configure?: Configure): Runtime {
  const composition = createComposition(configure);
  return {
    check: async (options) => {
      // Without arguments a check is of the text alone; with some it is of the run that they would make.
      const requireParams = options.set !== undefined || options.params !== undefined;
      return withProject(
        options,
        composition,
        {},
        async (opened) => (await compiled(opened, { requireParams })).result,
      );
    },
    plan: (options) =>
      withProject<Pick<PlanResult, "nodes" | "device">>(options, composition, { nodes: null, device: null }, plan),
    run: (options, onEvent = () => {}) =>
      withProject<Pick<RunResult, "manifest" | "folder">>(
        options,
        composition,
        { manifest: null, folder: null },
        (opened) => run(opened, options, onEvent),
      ),
    cache: async (folder, body) => {
      const scope = storeScope(composition, join(projectRoot(folder), ".kdp"));
      try {
        return await body(scope.resolve(TOKENS.maintenance));
      } finally {
        await scope.dispose();
      }
    },
  };
}

/** A pipeline in its project. */
interface Opened {
  readonly options: PipelineOptions;
  readonly project: Project;
  readonly lock: LockFile;
  readonly scope: DependencyContainer;
  /** Remembers what is known so far, for the result of a failure later on. */
  learn(result: CheckResult): void;
}

const NOTHING: CheckResult = { exitCode: 0, diagnostics: [], sources: new Map(), faults: [], plan: null, root: null };

/**
 * Opens the project of a pipeline and hands it to `body`; whatever is thrown becomes a result.
 * @param empty what the result holds besides when `body` throws
 */
async function withProject<E extends object>(
  options: PipelineOptions,
  composition: DependencyContainer,
  empty: E,
  body: (opened: Opened) => Promise<CheckResult & E>,
): Promise<CheckResult & E> {
  let scope: DependencyContainer | null = null;
  let known = NOTHING;
  try {
    const project = openProject(options.file, options.workingFolder ?? process.cwd());
    scope = projectScope(composition, project);
    const learn = (result: CheckResult) => {
      known = result;
    };
    return await body({ options, project, lock: new LockFile(project.root), scope, learn });
  } catch (error) {
    return { ...known, ...empty, ...faulty(known, [error instanceof RuntimeFault ? error.data : bug(error)]) };
  } finally {
    await scope?.dispose();
  }
}

const faulty = (known: CheckResult, faults: readonly FaultData[]) => ({
  faults,
  exitCode: Math.max(known.exitCode, ...faults.map(({ kind }) => EXIT_CODE[kind])),
});

async function compiled(
  { options, project, lock, scope, learn }: Opened,
  how: { readonly requireParams: boolean },
): Promise<{ readonly checked: CheckedPipeline; readonly result: CheckResult }> {
  const checked = await checkPipeline(options, project, lock, scope.resolve(TOKENS.compiler), how);
  const { diagnostics, plan, sources } = checked;
  const broken = diagnostics.some(({ severity }) => severity === "error");
  const result = { ...NOTHING, diagnostics, plan, sources, root: project.root, exitCode: broken ? EXIT_CODE.user : 0 };
  learn(result);
  return { checked, result };
}

/** Compiles, computes keys and looks them up; without a plan, `keyed` is null and the result says why. */
async function keyedPlan(opened: Opened) {
  const { options, scope } = opened;
  const { checked, result } = await compiled(opened, { requireParams: true });
  if (checked.plan === null) {
    const faults = result.exitCode === 0 ? [noPipeline(options, checked.pipelines)] : [];
    return { checked, result: { ...result, ...faulty(result, faults) }, keyed: null };
  }
  const keyed = await scope.resolve<Planner>(TOKENS.planner).plan(checked.plan, checked, options);
  return isFaults(keyed)
    ? { checked, result: { ...result, ...faulty(result, keyed) }, keyed: null }
    : { checked, result, keyed };
}

const isFaults = (keyed: KeyedPlan | readonly FaultData[]): keyed is readonly FaultData[] => Array.isArray(keyed);

function noPipeline({ file }: PipelineOptions, pipelines: readonly string[]): FaultData {
  return pipelines.length === 0
    ? {
        code: "KDP5512",
        kind: "user",
        message: "the file has no pipeline",
        place: file,
        fix: "write `pipeline name { … }`",
      }
    : {
        code: "KDP5512",
        kind: "user",
        message: `the file has ${pipelines.length} pipelines: ${pipelines.join(", ")}`,
        place: file,
        fix: `choose one, for example with --pipeline ${pipelines[0]}`,
      };
}

async function plan(opened: Opened): Promise<PlanResult> {
  const { result, keyed } = await keyedPlan(opened);
  if (keyed === null) return { ...result, nodes: null, device: null };
  const { name, found, why } = keyed.devices.run;
  return { ...result, nodes: keyed.nodes, device: { name, found, why } };
}

async function run(opened: Opened, options: RunOptions, emit: (event: RunEvent) => void): Promise<RunResult> {
  const { project, lock, scope } = opened;
  const { checked, result, keyed } = await keyedPlan(opened);
  if (keyed === null) return { ...result, manifest: null, folder: null };
  lock.save(scope.resolve(TOKENS.storeFs));
  const folder = makeRunFolder(project, keyed.plan.pipeline, newRunId(new Date()), options.out);
  withRunFolder(scope, folder);
  sweepTemporary(scope.resolve(TOKENS.layout), scope.resolve(TOKENS.storeFs), scope.resolve(TOKENS.processes));
  const jobs = options.jobs ?? project.config.jobs ?? availableParallelism();
  const outcome = await scope.resolve<PipelineRun>(TOKENS.pipelineRun).run(keyed, checked, {
    jobs,
    threads: Math.min(jobs, availableParallelism()),
    baseline: options.baseline ?? null,
    requireBaseline: options.requireBaseline ?? false,
    signal: sharedSignal(options.signal),
    emit,
  });
  return { ...result, ...outcome, folder: folder.path };
}

/** Every running node listens to it; Node would take more than ten listeners for a leak. */
function sharedSignal(signal = new AbortController().signal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

function bug(error: unknown): FaultData {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    code: "KDP9001",
    kind: "bug",
    message: `this is a bug in kdp: ${text}`,
    fix: "please report it with the pipeline and this text",
    ...(stack ? { stack } : {}),
  };
}
