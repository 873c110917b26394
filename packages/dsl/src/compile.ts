import type { CompileOptions, CompileResult } from "./compile-types.js";
import { report } from "./diagnostics/create-diagnostic.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { didYouMean } from "./diagnostics/did-you-mean.js";
import { applyIgnoreComments } from "./diagnostics/ignore-comments.js";
import { libraryCatalogue } from "./library/catalogue.js";
import { buildPlan } from "./plan/build-plan.js";
import { checkPipelines } from "./semantics/checks/pipeline-checks.js";
import { checkUnusedImports } from "./semantics/checks/unused.js";
import { definedTwice, type FileScope, loadProgram, type StageDecl } from "./semantics/files.js";
import { createUsage, type Frame, type Session } from "./semantics/frame.js";
import { checkMacro } from "./semantics/macros.js";
import { createNodeTable, landingOf } from "./semantics/node-table.js";
import { MAX_CELLS } from "./semantics/pipeline/matrix.js";
import { type EvaluatedPipeline, evaluatePipeline } from "./semantics/pipeline/pipeline.js";
import { createReporter, inSourceOrder, type Reporter } from "./semantics/reporter.js";
import type { Pipeline } from "./syntax/ast.js";

/**
 * Compiles a `.kdp` file: parse, names, types, plan. Pure: other files and plugins are read through the options. Never
 * throws on bad input; what is wrong is in `diagnostics`, and `plan` is null then.
 *
 * @example
 * const { plan, diagnostics } = compile({ file: "rrd.kdp", text }, { library: [standardLibrary] });
 */
export function compile(
  source: { readonly file: string; readonly text: string },
  options: CompileOptions,
): CompileResult {
  const reporter = createReporter();
  const program = loadProgram(source, options, reporter);
  const { main } = program;
  const library = libraryCatalogue(options.library);
  const usage = createUsage();
  const session: Session = { reporter, library, usage, nodes: createNodeTable(), axes: null, cells: [{}] };
  for (const file of program.files) checkStages(file, session);

  const { pipelines } = main.ast;
  reportTwinPipelines(pipelines, reporter);
  const chosen = choosePipeline(pipelines, options.pipeline, main, reporter);
  const evaluated = pipelines.map((ast) => {
    const required = options.requireParams ?? true;
    const given = ast === chosen ? { set: options.set ?? {}, params: options.params ?? {}, required } : null;
    const maxCells = options.maxCells ?? MAX_CELLS;
    return evaluatePipeline({ ast, file: main, library, reporter, usage, maxCells, given });
  });
  // An error of judgement that a comment silences holds nothing up.
  const sound = !hasError(applyIgnores(reporter.diagnostics, program.files, false));
  checkPipelines(evaluated, { wellFormed: main.wellFormed, sound }, reporter);
  for (const file of program.files) if (file.wellFormed) checkUnusedImports(file, usage, reporter);

  const diagnostics = applyIgnores(reporter.diagnostics, program.files, sound);
  const result = evaluated.find(({ ast }) => ast === chosen);
  return {
    diagnostics: inSourceOrder(diagnostics, [...program.sources.keys()]),
    plan: result && hasAllParams(result) && !hasError(diagnostics) ? buildPlan(result) : null,
    sources: program.sources,
    pipelines: pipelines.flatMap(({ name }) => (name.missing ? [] : [name.text])),
  };
}

const hasError = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some(({ severity }) => severity === "error");

function applyIgnores(
  diagnostics: readonly Diagnostic[],
  files: readonly FileScope[],
  complete: boolean,
): readonly Diagnostic[] {
  return files.reduce((left, file) => applyIgnoreComments(left, file, { complete }), diagnostics);
}

/** Bodies of stages are checked even when nobody calls them. */
function checkStages(file: FileScope, session: Session): void {
  for (const decl of file.stages.values()) {
    session.reporter.inCells([{}], [], () => {
      checkMacro(decl, frameOf(decl, session));
      return undefined;
    });
  }
}

function frameOf(decl: StageDecl, session: Session): Frame {
  const locals = { find: () => null, findLater: () => null, names: () => [] };
  const landing = landingOf(decl.ast.name.text);
  const frame: Frame = {
    session,
    file: decl.scope,
    locals,
    cell: {},
    landing,
    labels: [],
    expanding: [],
    at: () => frame,
  };
  return frame;
}

function reportTwinPipelines(pipelines: readonly Pipeline[], reporter: Reporter): void {
  const seen = new Map<string, Pipeline>();
  for (const pipeline of pipelines) {
    const { name } = pipeline;
    if (name.missing) continue;
    const earlier = seen.get(name.text);
    if (earlier) reporter.add(definedTwice("pipeline", name, earlier.name.span));
    else seen.set(name.text, pipeline);
  }
}

/** The pipeline that is asked for; the only one when none is. */
function choosePipeline(
  pipelines: readonly Pipeline[],
  wanted: string | undefined,
  main: FileScope,
  reporter: Reporter,
): Pipeline | null {
  if (wanted === undefined) return pipelines.length === 1 ? pipelines[0]! : null;
  const found = pipelines.find(({ name }) => name.text === wanted);
  if (found) return found;
  const names = pipelines.flatMap(({ name }) => (name.missing ? [] : [name.text]));
  const suggestion = didYouMean(wanted, names);
  const notes = ["given by `--pipeline`", names.length === 0 ? "the file has none" : `it has: ${names.join(", ")}`];
  const place = { file: main.file, start: 0, end: 0 };
  reporter.add(
    suggestion === null
      ? report("KDP1101", { kind: "pipeline", name: wanted }, place, { notes })
      : report("KDP1101", { kind: "pipeline", name: wanted, suggestion }, place, { variant: "suggestion", notes }),
  );
  return null;
}

/** A pipeline may be checked with values left open, but not planned. */
const hasAllParams = ({ params, matrix }: EvaluatedPipeline): boolean =>
  [...params].every(([name, { value }]) => value.kind !== "unknown" || Object.hasOwn(matrix.axes, name));
