import { readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { CompileResult, Diagnostic, Plan } from "@kdp/dsl";
import { RuntimeFault } from "../faults.js";
import type { LockFile } from "../plugins/lock-file.js";
import { PluginResolver } from "../plugins/plugin-resolver.js";
import type { PluginSource } from "../plugins/plugin-source.js";
import { missingFile } from "../project/missing-file.js";
import type { Project } from "../project/project.js";
import { systemCode } from "../store/fs-faults.js";
import type { Compiler } from "./compiler.js";
import type { PipelineOptions } from "./options.js";

/** A compiled pipeline, with the plugins that it may use. No data file was opened. */
export interface CheckedPipeline {
  /** In source order, with the severities of the project's configuration. */
  readonly diagnostics: readonly Diagnostic[];
  /** Null when there is an error. */
  readonly plan: Plan | null;
  readonly sources: ReadonlyMap<string, string>;
  /** Names of the pipelines of the file. */
  readonly pipelines: readonly string[];
  /** Library and used plugins, by name. */
  readonly plugins: ReadonlyMap<string, PluginSource>;
}

/** @throws RuntimeFault KDP5507 when the file cannot be read, KDP5503 for a broken lock file, KDP7013 for an import outside */
export async function checkPipeline(
  options: PipelineOptions,
  project: Project,
  lock: LockFile,
  compiler: Compiler,
  { requireParams }: { readonly requireParams: boolean },
): Promise<CheckedPipeline> {
  const resolver = new PluginResolver(lock, { frozen: options.frozen ?? false });
  const result = await compiler(
    { file: project.pipelineFile, text: readSource(project.pipelineFile, options.file) },
    {
      library: options.library.map(({ manifest }) => manifest),
      resolvePlugin: (spec, fromFile) => resolver.resolve(spec, fromFile),
      readImport: (path, fromFile) => readImport(path, fromFile, project, options.allowOutside ?? false),
      requireParams,
      ...(options.pipeline === undefined ? {} : { pipeline: options.pipeline }),
      ...(options.set === undefined ? {} : { set: options.set }),
      ...(options.params === undefined ? {} : { params: options.params }),
      ...(options.maxCells === undefined ? {} : { maxCells: options.maxCells }),
    },
  );
  const diagnostics = withSeverities(result.diagnostics, project.config.severity);
  const broken = diagnostics.some(({ severity }) => severity === "error");
  return {
    diagnostics,
    plan: broken ? null : result.plan,
    sources: result.sources,
    pipelines: result.pipelines,
    plugins: new Map([
      ...options.library.map((source) => [source.manifest.name, source] as const),
      ...resolver.sources,
    ]),
  };
}

function readSource(path: string, written: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const missing = systemCode(error) === "ENOENT";
    throw new RuntimeFault({
      code: "KDP5507",
      kind: "user",
      message: missing ? missingFile(path, written) : `"${written}" cannot be read (${systemCode(error)})`,
      place: path,
      fix: "name a .kdp file; `kdp init` writes one for your own data",
    });
  }
}

function readImport(path: string, fromFile: string, project: Project, allowOutside: boolean) {
  const file = resolve(dirname(fromFile), path);
  const way = relative(project.root, file);
  if (!allowOutside && (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way))) {
    throw new RuntimeFault({
      code: "KDP7013",
      kind: "user",
      message: `"${path}" lies outside the project ${project.root}`,
      place: fromFile,
      fix: "move the file into the project, or allow it for this run with --allow-outside",
    });
  }
  try {
    return { file, text: readFileSync(file, "utf8") };
  } catch {
    return null;
  }
}

/** An error of the language stays an error, whatever the configuration says. */
function withSeverities(
  diagnostics: CompileResult["diagnostics"],
  severity: Project["config"]["severity"],
): readonly Diagnostic[] {
  return diagnostics.flatMap((diagnostic) => {
    const chosen = severity[diagnostic.code];
    if (chosen === undefined || diagnostic.severity === "error") return [diagnostic];
    return chosen === "off" ? [] : [{ ...diagnostic, severity: chosen }];
  });
}
