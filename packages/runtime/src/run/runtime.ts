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
    check: (options) => withPipeline(options, composition, {}, async ({ result }) => result),
    plan: (options) => withPipeline<Pick<PlanResult, "nodes">>(options, composition, { nodes: null }, plan),
    run: (options, onEvent = () => {}) =>
      withPipeline<Pick<RunResult, "manifest" | "folder">>(
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

/** A compiled pipeline in its project. */
interface Opened {
  readonly options: PipelineOptions;
  readonly project: Project;
  readonly lock: LockFile;
  readonly scope: DependencyContainer;
  readonly checked: CheckedPipeline & { readonly plan: Plan };
  readonly result: CheckResult;
}

const NOTHING: CheckResult = { exitCode: 0, diagnostics: [], sources: new Map(), faults: [], plan: null, root: null };

/**
 * Opens the project, compiles the pipeline and hands both to `body`; whatever is thrown becomes a result.
 * @param empty what the result holds besides when `body` is not reached, or throws
 */
async function withPipeline<E extends object>(
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
    const lock = new LockFile(project.root);
    const checked = await checkPipeline(options, project, lock, scope.resolve(TOKENS.compiler));
    const { diagnostics, plan, sources } = checked;
    const broken = diagnostics.some(({ severity }) => severity === "error");
    known = { ...NOTHING, diagnostics, plan, sources, root: project.root, exitCode: broken ? EXIT_CODE.user : 0 };
    if (plan === null) return { ...known, ...empty };
    return await body({ options, project, lock, scope, checked: { ...checked, plan }, result: known });
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

async function keyedPlan({ scope, checked, options }: Opened): Promise<KeyedPlan | readonly FaultData[]> {
  return scope.resolve<Planner>(TOKENS.planner).plan(checked.plan, checked, options);
}

const isFaults = (keyed: KeyedPlan | readonly FaultData[]): keyed is readonly FaultData[] => Array.isArray(keyed);

async function plan(opened: Opened): Promise<PlanResult> {
  const keyed = await keyedPlan(opened);
  if (isFaults(keyed)) return { ...opened.result, ...faulty(opened.result, keyed), nodes: null };
  return { ...opened.result, nodes: keyed.nodes };
}

async function run(opened: Opened, options: RunOptions, emit: (event: RunEvent) => void): Promise<RunResult> {
  const { project, lock, scope, checked, result } = opened;
  const nothing = { ...result, manifest: null, folder: null };
  const keyed = await keyedPlan(opened);
  if (isFaults(keyed)) return { ...nothing, ...faulty(result, keyed) };
  lock.save(scope.resolve(TOKENS.storeFs));
  const folder = makeRunFolder(project, checked.plan.pipeline, newRunId(new Date()), options.out);
  withRunFolder(scope, folder);
  sweepTemporary(scope.resolve(TOKENS.layout), scope.resolve(TOKENS.storeFs), scope.resolve(TOKENS.processes));
  const outcome = await scope.resolve<PipelineRun>(TOKENS.pipelineRun).run(keyed, checked, {
    jobs: options.jobs ?? project.config.jobs ?? availableParallelism(),
    device: options.device ?? "auto",
    baseline: options.baseline ?? null,
    requireBaseline: options.requireBaseline ?? false,
    signal: options.signal ?? new AbortController().signal,
    emit,
  });
  return { ...result, ...outcome, folder: folder.path };
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
