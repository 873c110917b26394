import { execFile } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { inject, injectable } from "tsyringe";
import { RuntimeFault } from "../faults.js";
import type { Project } from "../project/project.js";
import type { RunManifest } from "../run/manifest.js";
import { runFolders } from "../run/run-folder.js";
import { gateValues } from "../run/run-values.js";
import type { StoreLayout } from "../store/layout.js";
import { TOKENS } from "../tokens.js";
import type { GateValues } from "./gate-values.js";

/** Finds the run that `baseline(…)` compares with. */
export interface Baselines {
  /**
   * @param name `--baseline`: a manifest, a run's folder, or a git ref; null when not given
   * @returns null when there is none: gates that need one then say `no-baseline`
   * @throws RuntimeFault KDP5510 (user) when what was named is no manifest of this pipeline
   */
  load(name: string | null, pipeline: string): Promise<GateValues | null>;
}

/**
 * A path is read as it is. A git ref stands for the run of that commit: the newest one kept in this project, else the
 * manifest committed beside the pipeline as `<file>.baseline.json`.
 */
@injectable()
export class ManifestBaselines implements Baselines {
  readonly #project: Project;
  readonly #layout: StoreLayout;

  constructor(@inject(TOKENS.project) project: Project, @inject(TOKENS.layout) layout: StoreLayout) {
    this.#project = project;
    this.#layout = layout;
  }

  async load(name: string | null, pipeline: string): Promise<GateValues | null> {
    if (name === null) return null;
    const path = resolve(this.#project.workingFolder, name);
    if (existsSync(path)) {
      const file = statSync(path).isDirectory() ? join(path, "manifest.json") : path;
      return valuesIn(parse(readText(file), file, pipeline));
    }
    const commit = await this.#git("rev-parse", "--verify", "--quiet", `${name}^{commit}`);
    if (commit === null) {
      throw wrong(name, "it is neither a file nor a git ref", "name a manifest.json, the folder of a run, or a commit");
    }
    const manifest = this.#runOf(commit.trim(), pipeline) ?? (await this.#committed(commit.trim(), pipeline));
    return manifest ? valuesIn(manifest) : null;
  }

  /** The newest kept run of a commit whose files were as committed. */
  #runOf(commit: string, pipeline: string): RunManifest | null {
    for (const folder of runFolders(this.#layout.runs(pipeline))) {
      try {
        const manifest = parse(readText(join(folder, "manifest.json")), folder, pipeline);
        const at = manifest.environment.commit;
        if (at?.id === commit && !at.changed && manifest.exitCode <= 1) return manifest;
      } catch {
        // A run that was killed has no manifest; one of another version is no baseline.
      }
    }
    return null;
  }

  async #committed(commit: string, pipeline: string): Promise<RunManifest | null> {
    const top = await this.#git("rev-parse", "--show-toplevel");
    if (top === null) return null;
    const file = relative(top.trim(), this.#project.pipelineFile)
      .replaceAll("\\", "/")
      .replace(/\.kdp$/, ".baseline.json");
    const text = await this.#git("show", `${commit}:${file}`);
    return text === null ? null : parse(text, `${commit.slice(0, 12)}:${file}`, pipeline);
  }

  async #git(...args: readonly string[]): Promise<string | null> {
    try {
      const options = { cwd: this.#project.pipelineFolder, timeout: 10_000, maxBuffer: 1 << 28 };
      return (await promisify(execFile)("git", args, options)).stdout;
    } catch {
      return null;
    }
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw wrong(
      file,
      error instanceof Error ? error.message : String(error),
      "name a manifest.json or the folder of a run",
    );
  }
}

function parse(text: string, place: string, pipeline: string): RunManifest {
  let manifest: RunManifest;
  try {
    manifest = JSON.parse(text) as RunManifest;
  } catch {
    throw wrong(place, "it is not JSON", "name the manifest.json of a finished run");
  }
  if (manifest?.kdpManifest !== 1 || !Array.isArray(manifest.metrics) || !Array.isArray(manifest.nodes)) {
    throw wrong(place, "it is not the manifest of a run", "name the manifest.json of a finished run");
  }
  if (manifest.pipeline !== pipeline) {
    throw wrong(
      place,
      `it is a run of "${manifest.pipeline}", not of "${pipeline}"`,
      "name a run of the same pipeline",
    );
  }
  return manifest;
}

function valuesIn({ nodes, metrics }: RunManifest): GateValues {
  return gateValues(
    new Map(
      nodes.map(({ id, facts }) => [
        id,
        {
          facts,
          metrics: metrics
            .filter(({ node }) => node === id)
            // JSON writes NaN as null.
            .map((row) => ({ ...row, value: row.value ?? Number.NaN, epoch: row.epoch ?? null })),
        },
      ]),
    ),
  );
}

function wrong(place: string, why: string, fix: string): RuntimeFault {
  return new RuntimeFault({
    code: "KDP5510",
    kind: "user",
    message: `the baseline cannot be read: ${why}`,
    place,
    fix,
  });
}
