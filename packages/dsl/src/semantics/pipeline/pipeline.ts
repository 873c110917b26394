import type { Catalogue } from "../../library/catalogue.js";
import type { Param, Pipeline } from "../../syntax/ast.js";
import { definedTwice, type FileScope } from "../files.js";
import type { Session, Usage } from "../frame.js";
import { evaluateGate, type Gate } from "../gates/gate.js";
import { createNodeTable } from "../node-table.js";
import type { Reporter } from "../reporter.js";
import { type ExportState, evaluateExport } from "./exports.js";
import { evaluateLets, type Lets } from "./lets.js";
import { type MatrixState, resolveMatrix } from "./matrix.js";
import { type GivenValues, type ParamState, resolveParams } from "./params.js";

export interface PipelineInput {
  readonly ast: Pipeline;
  readonly file: FileScope;
  readonly library: Catalogue;
  readonly reporter: Reporter;
  readonly usage: Usage;
  readonly maxCells: number;
  /** Null for the pipelines of the file that are only checked. */
  readonly given: (GivenValues & { readonly required: boolean }) | null;
}

/** A pipeline with every expression evaluated in every cell. */
export interface EvaluatedPipeline {
  readonly ast: Pipeline;
  readonly session: Session;
  readonly params: ReadonlyMap<string, ParamState>;
  readonly matrix: MatrixState;
  readonly lets: Lets;
  readonly gates: readonly Gate[];
  readonly exports: readonly ExportState[];
}

export function evaluatePipeline(input: PipelineInput): EvaluatedPipeline {
  const { ast, file, library, reporter, usage, given, maxCells } = input;
  const params = ast.statements.filter((statement): statement is Param => statement.kind === "param");
  reportTwins(ast, reporter);
  const matrix = resolveMatrix(ast, params, given?.set ?? {}, maxCells, file.base, reporter);
  const axes = Object.keys(matrix.axes);
  const states = resolveParams(ast, params, new Set(axes), given, file.base, reporter);
  const session: Session = { reporter, library, usage, nodes: createNodeTable(), axes, cells: matrix.cells };

  const statements = ast.statements.filter((statement) => statement.kind === "let");
  const lets = evaluateLets({ lets: statements, params: states, matrix, file, session });
  const gates: Gate[] = [];
  const exports: ExportState[] = [];
  for (const statement of ast.statements) {
    if (statement.kind === "expect") gates.push(evaluateGate(statement, lets, matrix.cells));
    if (statement.kind === "export") exports.push(...evaluateExport(statement, lets, matrix.cells));
  }
  return { ast, session, params: states, matrix, lets, gates, exports };
}

/** KDP1102: `let`s, params and exports, each in their own space, except that a `let` may not be called like a param. */
function reportTwins(ast: Pipeline, reporter: Reporter): void {
  const spaces = { values: new Map(), exports: new Map() };
  for (const statement of ast.statements) {
    if (statement.kind !== "let" && statement.kind !== "param" && statement.kind !== "export") continue;
    const { name, kind } = statement;
    if (name.missing) continue;
    const space = kind === "export" ? spaces.exports : spaces.values;
    const earlier = space.get(name.text);
    if (earlier) reporter.add(definedTwice(kind, name, earlier));
    else space.set(name.text, name.span);
  }
}
