import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { NodeType, ParamValue, Plan, PlanGate, PlanInput, PlanNode, RunSpec } from "@kdp/dsl";
import type { PluginManifest } from "@kdp/plugin-api";
import {
  type Configure,
  createRuntime,
  type PluginSource,
  type RunEvent,
  type RunManifest,
  type RunOptions,
  type RunResult,
  TOKENS,
} from "@kdp/runtime";
import { afterAll } from "vitest";

const RUN_SUMS = fileURLToPath(new URL("../fixtures/run-sums.mjs", import.meta.url));
const ARITHMETIC = new URL("../fixtures/arithmetic.mjs", import.meta.url);

/** Manifest of the test's own stages. They are of kind `split`, so their code is the module registered for that kind. */
export const arithmeticManifest: PluginManifest = {
  kdpManifest: 1,
  name: "@test/arithmetic",
  version: "1.0.0",
  api: "^1",
  stages: { add: { kind: "split", doc: "Adds.", params: {} } },
};

export const arithmetic: PluginSource = {
  manifest: arithmeticManifest,
  entry: ARITHMETIC.href,
  folder: dirname(fileURLToPath(ARITHMETIC)),
};

export interface NodeSpec {
  readonly id: string;
  readonly params?: Readonly<Record<string, ParamValue>>;
  readonly inputs?: readonly string[];
  readonly run?: RunSpec;
  /** A metrics node: its value is the metric `score`. */
  readonly metrics?: boolean;
  /** Path of the argument `source`, from the pipeline's folder. */
  readonly source?: string;
  readonly cell?: PlanNode["cell"];
  readonly type?: NodeType;
}

export interface PlanSpec {
  readonly nodes: readonly NodeSpec[];
  readonly gates?: readonly PlanGate[];
  readonly pipeline?: string;
}

const HERE = { file: "test.kdp", start: 0, end: 0 };
const METRICS: NodeType = { kind: "Metrics", keys: ["score"], role: "test" };

function nodeOf(spec: NodeSpec, folder: string): PlanNode {
  const inputs = (spec.inputs ?? []).map(
    (node, index): PlanInput => ({ port: "terms", index, label: null, node, output: null }),
  );
  return {
    id: spec.id,
    name: spec.id.replace(/\[.*/, ""),
    aliases: [],
    stage: "add",
    plugin: arithmeticManifest.name,
    kind: "split",
    type: spec.type ?? (spec.metrics ? METRICS : { kind: "Split" }),
    cell: spec.cell ?? {},
    params: { ...spec.params, ...(spec.source === undefined ? {} : { source: spec.source }) },
    origins: {},
    lesson: null,
    inputs,
    files: spec.source === undefined ? [] : [{ param: "source", path: spec.source, base: folder }],
    run: spec.run ?? {},
    span: HERE,
  };
}

function planOf(spec: PlanSpec, folder: string): Plan {
  return {
    pipeline: spec.pipeline ?? "sums",
    doc: null,
    params: [],
    axes: {},
    cells: [{}],
    nodes: spec.nodes.map((node) => nodeOf(node, folder)),
    gates: spec.gates ?? [],
    exports: [],
    roots: spec.nodes.map(({ id }) => id),
  };
}

export interface TestRun extends RunResult {
  readonly events: readonly RunEvent[];
  /** `{ a: "ran", b: "hit" }` */
  readonly statuses: Readonly<Record<string, string>>;
}

/** A project in a folder of its own, removed at the end. */
export class TestProject {
  readonly folder: string;
  readonly file: string;

  constructor(root: string = tmpdir()) {
    this.folder = realpathSync(mkdtempSync(join(root, "kdp-test-")));
    this.file = join(this.folder, "test.kdp");
    this.write("package.json", "{}");
    this.write("test.kdp", "// read by the test's own compiler\n");
    if (root === tmpdir()) afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  /** A runtime whose compiler gives the plan of `spec`. Everything else is the real thing. */
  runtime(spec: PlanSpec, configure: Configure = () => {}) {
    return createRuntime((container) => {
      container.register(TOKENS.compiler, {
        useValue: () => ({ diagnostics: [], plan: planOf(spec, this.folder), sources: new Map() }),
      });
      container.register(TOKENS.stageModules, { useValue: { split: ARITHMETIC.href } });
      configure(container);
    });
  }

  options(options: Partial<RunOptions> = {}): RunOptions {
    return { file: this.file, library: [arithmetic], workingFolder: this.folder, ...options };
  }

  async run(spec: PlanSpec, options: Partial<RunOptions> = {}, configure?: Configure): Promise<TestRun> {
    const events: RunEvent[] = [];
    const result = await this.runtime(spec, configure).run(this.options(options), (event) => events.push(event));
    const statuses = Object.fromEntries((result.manifest?.nodes ?? []).map(({ id, status }) => [id, status]));
    return { ...result, events, statuses };
  }

  plan(spec: PlanSpec, options: Partial<RunOptions> = {}) {
    return this.runtime(spec).plan(this.options(options));
  }

  /** A run in a process of its own, which a test may kill. */
  spawn(spec: PlanSpec, options: Partial<RunOptions> = {}): SpawnedRun {
    const planFile = this.write(
      `plan-${randomUUID()}.json`,
      JSON.stringify({ plan: planOf(spec, this.folder), library: arithmetic }),
    );
    return new SpawnedRun(this.folder, planFile, JSON.stringify(options));
  }

  manifest(folder: string): RunManifest {
    return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  }
}

type Line = RunEvent | { readonly type: "result"; readonly exitCode: number; readonly statuses: TestRun["statuses"] };

/** A run as another process sees it: what it prints, and how it ends. */
export class SpawnedRun {
  readonly process: ChildProcess;
  readonly lines: Line[] = [];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  #changed: () => void = () => {};

  constructor(project: string, planFile: string, options: string) {
    this.process = spawn(process.execPath, [RUN_SUMS, project, planFile, options], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    createInterface({ input: this.process.stdout as Readable }).on("line", (line) => {
      this.lines.push(JSON.parse(line));
      this.#changed();
    });
    this.ended = new Promise((resolve) => this.process.on("close", (code, signal) => resolve({ code, signal })));
  }

  /** Resolves when the run has printed an event that `matches`. */
  async until(matches: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = this.lines.find(matches);
      if (found) return found;
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#changed = resolve;
        }),
        this.ended.then(() => {
          if (!this.lines.some(matches)) throw new Error(`the run ended without it: ${JSON.stringify(this.lines)}`);
        }),
      ]);
    }
  }

  get result(): Extract<Line, { readonly type: "result" }> | undefined {
    return this.lines.find((line) => line.type === "result");
  }
}
