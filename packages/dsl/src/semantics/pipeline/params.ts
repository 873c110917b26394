import type { CompileOptions } from "../../compile-types.js";
import { report } from "../../diagnostics/create-diagnostic.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import type { Origin } from "../../plan/plan.js";
import type { Param, Pipeline } from "../../syntax/ast.js";
import { checkTypeNames, conform, isKnownType, SCALAR_TYPES } from "../declared-types.js";
import { literalValue } from "../literals.js";
import type { Reporter } from "../reporter.js";
import { UNKNOWN, type Value } from "../values.js";
import { jsonGiven, parseGiven } from "./given-values.js";
import { givenProblem, literalProblem } from "./param-values.js";

export interface ParamState {
  readonly ast: Param;
  /** Without the matrix. Unknown when there is none, or it is wrong. */
  readonly value: Value;
  readonly origin: Origin | null;
  /** Text of `--set`, which pins an axis. */
  readonly set: string | null;
}

export type GivenValues = Pick<CompileOptions, "set" | "params">;

/**
 * Values of all params: default < `--params` < `--set`. An axis of the matrix gives its own, so `axes` need none.
 * @param given null when another pipeline of the file is meant: then a value may be missing
 */
export function resolveParams(
  pipeline: Pipeline,
  params: readonly Param[],
  axes: ReadonlySet<string>,
  given: (GivenValues & { readonly required: boolean }) | null,
  base: string,
  reporter: Reporter,
): ReadonlyMap<string, ParamState> {
  const states = new Map<string, ParamState>();
  for (const ast of params) {
    if (ast.name.missing) continue;
    checkTypeNames(ast.type, SCALAR_TYPES, reporter);
    checkRange(ast, reporter);
    states.set(ast.name.text, stateOf(ast, axes, given, base, reporter));
  }
  if (given) reportStrangers(pipeline, [...states.keys()], given, reporter);
  return states;
}

function stateOf(
  ast: Param,
  axes: ReadonlySet<string>,
  given: (GivenValues & { readonly required: boolean }) | null,
  base: string,
  reporter: Reporter,
): ParamState {
  const name = ast.name.text;
  const set = ownValue(given?.set, name) ?? null;
  const isAxis = axes.has(name);
  let value: Value | null = null;
  let from: "default" | "file" | "set" = "default";
  if (ast.default) {
    const problem = literalProblem(ast, ast.default);
    if (problem) reporter.add(problem);
    value = problem ? UNKNOWN : conform(literalValue(ast.default, base), ast.type);
  }
  const json = ownValue(given?.params, name);
  if (json !== undefined && !isAxis) {
    value = take(jsonGiven(json, ast.type), JSON.stringify(json), "`--params`", ast, reporter);
    from = "file";
  }
  if (set !== null && !isAxis) {
    value = take(parseGiven(set, ast.type), set, `\`--set ${name}=${set}\``, ast, reporter);
    from = "set";
  }
  if (value === null && !isAxis && given?.required) {
    const notes = [`give it a default, or run with \`--set ${name}=…\``];
    reporter.add(report("KDP2202", { name }, ast.name.span, { variant: "param", notes }));
  }
  const origin: Origin = { kind: "param", param: name, value: from };
  return { ast, value: withOrigin(value ?? UNKNOWN, origin), origin: value ? origin : null, set };
}

/** A param may be called `constructor`: only what was given counts. */
const ownValue = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record && Object.hasOwn(record, name) ? record[name] : undefined;

function take(value: Value | null, written: string, from: string, ast: Param, reporter: Reporter): Value {
  const problem = givenProblem(ast, value, written, from);
  if (problem) reporter.add(problem);
  const found = problem || !value ? UNKNOWN : (conform(value, ast.type) ?? UNKNOWN);
  if (found.kind !== "list") return found;
  return { ...found, elements: found.elements.map((element) => ({ ...element, span: ast.name.span })) };
}

/** Marks a value as that of a param, so that every argument it ends in knows where it came from. */
export function withOrigin(value: Value, origin: Origin, axes: readonly string[] = []): Value {
  if (value.kind === "literal") return { ...value, origin, axes };
  if (value.kind !== "list") return value;
  const elements = value.elements.map((element) => ({ ...element, value: withOrigin(element.value, origin, axes) }));
  return { ...value, elements, origin, axes };
}

/** The ends of a range must be of the param's own type. */
function checkRange(ast: Param, reporter: Reporter): void {
  if (!ast.range || !isKnownType(ast.type, SCALAR_TYPES)) return;
  for (const end of [ast.range.low, ast.range.high]) {
    const isNumber = end.kind === "number" || end.kind === "duration" || end.kind === "bytes";
    const problem = literalProblem({ ...ast, range: null }, end);
    if (problem) reporter.add(problem);
    else if (!isNumber) {
      const notes = ["a range is for numbers, durations and sizes"];
      reporter.add(report("KDP2203", { expected: "a number", actual: end.kind }, end.span, { notes }));
    }
  }
}

/** `--set` and `--params` of what the pipeline does not declare. */
function reportStrangers(pipeline: Pipeline, known: readonly string[], given: GivenValues, reporter: Reporter): void {
  const strangers = [
    ...Object.keys(given.set ?? {}).map((name) => ({ name, from: `\`--set ${name}=…\`` })),
    ...Object.keys(given.params ?? {}).map((name) => ({ name, from: "`--params`" })),
  ].filter(({ name }) => !known.includes(name));
  for (const { name, from } of strangers) {
    const suggestion = didYouMean(name, known);
    const list = known.length === 0 ? "this pipeline has no params" : `its params are: ${known.join(", ")}`;
    const notes = [`given by ${from}`, list];
    const { span } = pipeline.name;
    reporter.add(
      suggestion === null
        ? report("KDP1101", { kind: "param", name }, span, { notes })
        : report("KDP1101", { kind: "param", name, suggestion }, span, { variant: "suggestion", notes }),
    );
  }
}
