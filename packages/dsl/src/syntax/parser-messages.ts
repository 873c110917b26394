import type { IParserErrorMessageProvider, TokenType } from "chevrotain";
import { EOF } from "./chevrotain.js";
import * as T from "./tokens.js";

/**
 * What a rule expects where no token fits, in words. The messages of the parser are only these phrases; `syntax-errors.ts`
 * makes diagnostics of them, so that no text of Chevrotain's ever reaches a user.
 */
const RULE_PHRASES: Readonly<Record<string, string>> = {
  alternative: "a type, such as `int` or `Events`",
  args: "`,` or `)`",
  entry: "an axis such as `seed: [0, 1]`",
  exclude: "`,` or `}`",
  expect: "a comparison (`<`, `<=`, `>`, `>=`, `==` or `!=`)",
  file: "a statement",
  import: "the name of a stage",
  label: "`:`",
  let: "`let`",
  list: "`,` or `]`",
  literal: "a number, a string, `true`, `false` or a list of these",
  literalList: "a list in brackets",
  matrix: "an axis such as `seed: [0, 1]`, or `}`",
  misplaced: "a statement",
  operand: "a value",
  over: "an axis",
  overList: "`,` or `]`",
  pipeline: "a statement or `}`",
  postfix: "a member's name",
  scalar: "a number, a string, `true` or `false`",
  stage: "`,` or `)`",
  statement: "a statement",
  unknown: "a statement",
};

/** What a name is the name of, by the rule that needs it. */
const NAME_PHRASES: Readonly<Record<string, string>> = {
  annotation: "the name of an annotation, such as `run`",
  axis: "the name of a param",
  excludeEntry: "the name of an axis",
  export: "a name",
  formal: "the name of an input",
  let: "a name",
  otherwise: "`warn` or `fail`",
  over: "an axis",
  param: "a name",
  pipeline: "a name",
  stage: "a name",
  use: "a name",
};

const TEXT_PHRASES: Readonly<Record<string, string>> = {
  import: 'a path in quotes, such as `"./teachers.kdp"`',
  use: 'the name of a package in quotes, such as `"@acme/plugin@^1.0"`',
};

/** Rules whose closing bracket may be reached too early; the message then names both ways to go on. */
const LIST_RULES: ReadonlySet<string> = new Set([
  "args",
  "list",
  "literalList",
  "overList",
  "exclude",
  "stage",
  "import",
]);

/** What stands between the commas of a list. */
const PART_PHRASES: Readonly<Record<string, string>> = { args: "an argument", list: "a value", literalList: "a value" };

function expectedToken(type: TokenType, previous: TokenType, rule: string): string {
  if (type === T.Identifier) return NAME_PHRASES[rule] ?? "a name";
  if (type === T.Text) return TEXT_PHRASES[rule] ?? "a string";
  if (type === T.Int && rule === "version") return "a version number, as in `kdp 1`,";
  if (type === EOF) return RULE_PHRASES.file!;
  if (type === T.RCurly && rule === "matrix") return RULE_PHRASES.matrix!;
  if (type === T.RCurly && rule === "pipeline") return RULE_PHRASES.pipeline!;
  const closes = type === T.RParen || type === T.RSquare || type === T.RCurly;
  if (closes && previous === T.Comma && PART_PHRASES[rule]) return PART_PHRASES[rule];
  const label = type.LABEL ?? type.name;
  return closes && LIST_RULES.has(rule) ? `\`,\` or ${label}` : label;
}

/** Chevrotain's hook for the wording of parse errors: the expected thing alone. */
export const messageProvider: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, previous, ruleName }) =>
    expectedToken(expected, previous.tokenType, ruleName),
  buildNotAllInputParsedMessage: () => RULE_PHRASES.file!,
  buildNoViableAltMessage: ({ ruleName }) => RULE_PHRASES[ruleName] ?? "something else",
  buildEarlyExitMessage: ({ ruleName }) => RULE_PHRASES[ruleName] ?? "something else",
};
