import type { Severity } from "./diagnostic.js";

/** A text with `{named}` parameters, alone or with a severity of its own. */
export type MessageVariant = string | { readonly severity: Severity; readonly text: string };

export interface MessageEntry {
  readonly severity: Severity;
  /** `default` is what `report` takes when no variant is named. */
  readonly texts: { readonly default: MessageVariant; readonly [variant: string]: MessageVariant };
}

const error = <const T extends MessageEntry["texts"]>(texts: T) => ({ severity: "error", texts }) as const;
const warning = <const T extends MessageEntry["texts"]>(texts: T) => ({ severity: "warning", texts }) as const;
const hint = <const T extends MessageEntry["texts"]>(texts: T) => ({ severity: "hint", texts }) as const;

/**
 * Every diagnostic of the compiler, sorted by code. The first digit is the family: 0 syntax, 1 names, 2 calls and types,
 * 3 recommender sense, 4 matrix and gates, 5 plugins, 6 resources, 9 internal. Codes of a run (7 data, 8 run) are in
 * `runtime-codes.ts`. Parameters are typed from the text: a missing or misspelt one does not compile.
 */
export const MESSAGES = {
  // --- syntax -------------------------------------------------------------------------------------------------------
  KDP0001: error({
    default: "`{character}` is not part of the language",
    invisible: "there is an invisible character here ({name})",
    quote: "`{character}` does not open a string; strings are written with double quotes",
    letter: "`{character}` cannot stand in a name",
    comment: "`{character}` does not start a comment; comments start with `//`",
  }),
  KDP0002: error({
    default: "this string is not closed before the end of the line",
    escape: "`{escape}` is not an escape of a string",
  }),
  KDP0003: error({
    default: "expected {expected} after {previous}",
    keyword: "`{word}` starts a statement and cannot be {expected}",
    unit: "`{unit}` is not a unit",
    cutoff: "`{metric}@` needs a cut-off directly behind it, like `{metric}@10`",
    number: "`{text}` is not a number",
    repeated: "a gate has one {part} only",
    operator: "`{text}` is not an operator here",
    ignoreReason: { severity: "warning", text: "`kdp-ignore {code}` needs a reason" },
    ignoreCode: { severity: "warning", text: "`kdp-ignore` needs a code and a reason" },
  }),
  KDP0004: error({
    default: "`{word}` does not start a statement",
    suggestion: "`{word}` does not start a statement; did you mean `{suggestion}`?",
    misplaced: "`{word}` belongs {where}",
  }),
  KDP0005: error({ default: "missing comma after {previous}" }),
  KDP0006: error({
    default: "there is nothing after `{arrow}`",
    before: "there is nothing before `{arrow}`",
  }),
  KDP0007: error({
    default: { severity: "hint", text: "the file does not name its language version" },
    tooNew: "this file is written in language version {version}; this kdp reads up to version {supported}",
    unknown: "there is no language version {version}",
  }),
  KDP0008: error({
    default: "this value has no name",
    assignment: "`{name} = …` needs `let` in front",
  }),
  KDP0009: error({
    default: "`{open}` is never closed",
    unopened: "`{close}` closes nothing",
    mismatched: "`{open}` is closed by `{close}`",
    deep: "brackets are nested more than {max} deep",
  }),

  // --- names --------------------------------------------------------------------------------------------------------
  KDP1101: error({
    default: "unknown {kind} `{name}`",
    suggestion: "unknown {kind} `{name}`; did you mean `{suggestion}`?",
  }),
  KDP1102: error({ default: "{kind} `{name}` is defined twice" }),
  KDP1103: error({ default: "`{name}` is used before it is defined" }),
  KDP1104: error({ default: "`{name}`, an input of stage `{stage}`, hides the stage of the same name" }),
  KDP1105: error({
    default: "{owner} has no member `{name}`",
    suggestion: "{owner} has no member `{name}`; did you mean `{suggestion}`?",
    none: "{owner} has no members",
  }),
  KDP1106: warning({
    default: "{kind} `{name}` is never used",
    ignore: "this `kdp-ignore` silences nothing: {code} is not reported here",
    ignoreError: "{code} is an error that cannot be silenced",
    ignoreUnknown: "there is no code {code}",
    ignoreSuggestion: "there is no code {code}; did you mean {suggestion}?",
  }),
  KDP1107: warning({ default: "`{name}` never runs: no export, gate or metric needs it" }),
  KDP1108: error({ default: "the name `{alias}` is taken by another plugin" }),
  KDP1109: warning({ default: "pipeline `{name}` computes nothing: it has no metric, gate or export" }),

  // --- calls and types ----------------------------------------------------------------------------------------------
  KDP2201: error({
    default: "`{callee}` has no argument `{name}`",
    suggestion: "`{callee}` has no argument `{name}`; did you mean `{suggestion}`?",
  }),
  KDP2202: error({
    default: "`{callee}` needs the argument `{name}`",
    input: "`{callee}` has no input; write `{expected} -> {callee}`",
    param: "param `{name}` has no value",
    on: "`distill` cannot tell which train events to use; name them with `on:`",
  }),
  KDP2203: error({
    default: "expected {expected}, found {actual}",
    argument: "`{name}` of `{callee}` takes {expected}, not {actual}",
    input: "`{callee}` takes {expected} as its input, not {actual}",
    param: "param `{name}` takes {expected}, not {actual}",
    annotation: "`let {name}` says {expected}, but the value is {actual}",
  }),
  KDP2204: error({
    default: "`{callee}` needs {view}, but {source} has only {views}",
    ranking: "`{callee}` needs {view}, but a ranking carries only order",
    student: "`{callee}` needs a student with {view}; `{student}` has none",
    crowd: "`{callee}` needs {view}, and no member of the ensemble has any",
    factors:
      "`{callee}` needs a model whose scores are inner products of user and item factors; those of `{stage}` are not",
  }),
  KDP2205: error({
    default: "`{name}` must be {constraint}, not {value}",
    choice: "`{name}` is {value}, which is not one of {choices}",
    suggestion: "`{name}` is {value}, which is not one of its values; did you mean {suggestion}?",
  }),
  KDP2206: error({ default: "argument `{name}` is given twice" }),
  KDP2207: error({
    default: "`{callee}` takes its arguments by name",
    suggestion: "`{callee}` takes its arguments by name; write `{suggestion}: …`",
    many: "`{callee}` takes a single value without a name",
  }),
  KDP2210: error({
    default: "`{callee}` takes one {expected}, not a list",
    loss: "`{loss}` learns from one teacher, and here are {count}",
  }),
  KDP2211: error({ default: "`{callee}` takes a list of {expected}, not one" }),
  KDP2212: error({ default: "`each` needs a list, and this is {actual}" }),
  KDP2213: error({ default: "two elements of this list are called `{name}`" }),
  KDP2220: error({
    default: "{left} and {right} come from different data sets",
    many: "these values come from different data sets",
  }),
  KDP2221: error({
    default: "{asked} reaches down to {depth}, but the ranking holds the top {length}",
    metric: "`{metric}` looks at {depth} items, but the ranking holds the top {length}",
    loss: "`{loss}` uses {depth} items of each ranking, but it holds the top {length}",
  }),
  KDP2222: error({
    default: "`{owner}` does not measure `{metric}`",
    suggestion: "`{owner}` does not measure `{metric}`; it measures {metrics}",
  }),
  KDP2223: error({
    default: "`{name}` is a stage; a value is needed here",
    value: "`{name}` is a value, not a stage; it cannot stand after `->`",
    called: "`{name}` is a value and cannot be called",
    spec: "`{name}` is a setting, not a stage; it cannot stand after `->`",
  }),
  KDP2224: error({ default: "`{name}` is exported, but `{stage}` still waits for its input" }),
  KDP2301: error({
    default: "arithmetic is for `expect` only",
    over: "`over` belongs to the aggregates of `expect`, like `mean(x over seed)`",
  }),

  // --- recommender sense --------------------------------------------------------------------------------------------
  KDP3301: error({
    default: "`{callee}` learns from the {role} events",
    distill: "`distill` learns from the {role} events",
  }),
  KDP3302: error({ default: "`valid:` of `{callee}` is given the {role} events" }),
  KDP3303: error({ default: "`{callee}` stops early, but has no `valid:` events to decide by" }),
  KDP3304: error({ default: "`{callee}` selects by a metric of the test events" }),
  KDP3305: warning({ default: "student `{student}` ({size}) is not smaller than its teacher ({teacherSize})" }),
  KDP3306: error({
    default: "every loss of this `distill` has weight 0",
    temperature: "the temperature of `{loss}` must be above 0, not {value}",
  }),
  KDP3307: warning({ default: "this ensemble has one member" }),
  KDP3308: warning({ default: "teacher `{name}` is never used: no student learns from it" }),
  KDP3309: hint({ default: "`{name}` has no plain baseline: the same student trained without a teacher" }),
  KDP3310: error({
    default: "these metrics are not comparable: {left} against {right}",
    split: "one side is measured on {left}, the other on {right}",
  }),
  KDP3311: hint({ default: "this gate rests on a single seed" }),
  KDP3312: warning({ default: "this gate uses a metric over {candidates} sampled candidates" }),
  KDP3313: error({
    default: "the model may have trained on {heldOut}: it learned from {learned}, another split of the same data",
    taught: "the model may know {heldOut}: its teacher learned from {learned}, another split of the same data",
    valid: "`{callee}` may train on {heldOut}: it learns from {learned}, another split of the same data",
  }),

  // --- matrix and gates ---------------------------------------------------------------------------------------------
  KDP4401: error({
    default: "matrix axis `{name}` is not a param of this pipeline",
    suggestion: "matrix axis `{name}` is not a param of this pipeline; did you mean `{suggestion}`?",
    exclude: "`exclude` names `{name}`, which is not an axis of this matrix",
    empty: "matrix axis `{name}` has no values",
  }),
  KDP4402: error({
    default: "{value} is outside the range of `{name}` ({low}..{high})",
    type: "{value} is not {expected}, the type of param `{name}`",
    unlisted: "{value} is not one of the values of axis `{name}`: {values}",
  }),
  KDP4403: error({
    default: { severity: "warning", text: "this `exclude` removes no cell" },
    everything: "`exclude` removes every cell of the matrix",
    repeated: { severity: "warning", text: "axis `{name}` lists {value} twice" },
  }),
  KDP4404: error({ default: "the matrix has {count} cells; at most {max} are allowed" }),
  KDP4405: error({
    default: "`{aggregate}` ranges over `{axis}`, but its operand does not depend on `{axis}`",
    single: "`stddev` over `{axis}` has a single value; it needs two or more",
    missing: "`{aggregate}` needs to know the axis: write `{aggregate}(… over seed)`",
    unknown: "`{axis}` is not an axis of the matrix",
  }),
  KDP4406: warning({
    default: "this gate is always {outcome}: both sides are constants",
    matrix: "this gate is decided by the matrix alone: both sides are constants",
  }),
  KDP4407: error({
    default: "{left} cannot be compared with {right}",
    operator: "`{operator}` cannot join {left} and {right}",
  }),
  KDP4408: error({ default: "this gate compares no metric, size or count of a model" }),
  KDP4409: error({ default: "`baseline` takes a metric of this pipeline, not {actual}" }),

  // --- plugins ------------------------------------------------------------------------------------------------------
  // `detail` is for a host that has already worded what it saw on disk.
  KDP5501: error({ default: "plugin `{plugin}` is not installed", detail: "{message}" }),
  KDP5502: error({
    default: "plugin `{plugin}` is installed as {version}, which is outside `{range}`",
    detail: "{message}",
  }),
  KDP5503: error({ default: "plugin `{plugin}` differs from what `kdp.lock` pins", detail: "{message}" }),
  KDP5504: error({
    default: "plugin `{plugin}` needs plugin API {range}; this kdp has {version}",
    detail: "{message}",
  }),
  KDP5505: error({ default: "the manifest of plugin `{plugin}` is invalid: {reason}", detail: "{message}" }),
  KDP5506: error({ default: "imports form a circle: {cycle}", stage: "stages call each other in a circle: {cycle}" }),
  KDP5507: error({
    default: "`{path}` does not exist",
    stage: "`{path}` has no stage `{name}`",
    suggestion: "`{path}` has no stage `{name}`; did you mean `{suggestion}`?",
    broken: "`{path}` has errors of its own",
  }),
  KDP5508: error({ default: "`--frozen` needs a `kdp.lock`, and there is none", detail: "{message}" }),

  // --- resources ----------------------------------------------------------------------------------------------------
  KDP6601: error({ default: "`{name}` needs about {needed} of GPU memory; the largest device has {available}" }),
  KDP6602: error({ default: "the score matrix of `{name}` would take {needed}; the limit is {limit}" }),
  KDP6603: hint({ default: "`{name}` has no timeout, and this is a CI run" }),

  // --- internal -----------------------------------------------------------------------------------------------------
  KDP9001: error({ default: "this is a bug in kdp: {what}" }),
} as const satisfies Readonly<Record<`KDP${number}`, MessageEntry>>;

export type Code = keyof typeof MESSAGES;

export type VariantOf<C extends Code> = keyof (typeof MESSAGES)[C]["texts"] & string;

type Placeholders<S extends string> = S extends `${string}{${infer P}}${infer Rest}` ? P | Placeholders<Rest> : never;

type TextOf<V> = V extends { readonly text: infer T extends string } ? T : V extends string ? V : never;

/** What a message needs to be written out. */
export type ParamsOf<C extends Code, V extends VariantOf<C>> = {
  readonly [P in Placeholders<TextOf<(typeof MESSAGES)[C]["texts"][V]>>]: string | number;
};
