import { report } from "../../diagnostics/create-diagnostic.js";
import type { Diagnostic, Span } from "../../diagnostics/diagnostic.js";
import type { Literal, Param } from "../../syntax/ast.js";
import { notAChoice } from "../arguments.js";
import { conform, isKnownType, SCALAR_TYPES, typeText } from "../declared-types.js";
import { literalText, literalValue } from "../literals.js";
import { rangeProblem } from "../ranges.js";
import { typeName } from "../type-names.js";
import type { Value } from "../values.js";

/** A range's ends as numbers; null for an end that is not one. */
export function boundsOf(param: Param): { readonly min?: number; readonly max?: number } {
  const min = param.range ? numberOf(param.range.low) : null;
  const max = param.range ? numberOf(param.range.high) : null;
  return { ...(min === null ? {} : { min }), ...(max === null ? {} : { max }) };
}

function numberOf(literal: Literal): number | null {
  if (literal.kind === "number") return literal.value;
  if (literal.kind === "duration") return literal.seconds;
  return literal.kind === "bytes" ? literal.bytes : null;
}

/** The words that a param may be, when its type lists them. */
function choicesOf(param: Param): readonly string[] | null {
  const words = param.type.alternatives.map((a) => (a.kind === "value" ? a.value : null));
  return words.every((word) => word !== null) ? words : null;
}

/** What is wrong with a literal in the file as the value of a param; null when nothing is. */
export function literalProblem(param: Param, literal: Literal): Diagnostic | null {
  const value = literalValue(literal, null);
  if (!isKnownType(param.type, SCALAR_TYPES)) return null;
  const choices = choicesOf(param);
  if (!conform(value, param.type)) {
    return choices && literal.kind === "string"
      ? notAChoice(param.name.text, literal.value, choices, literal)
      : wrongType(param, typeName(value), literal.span, []);
  }
  const constraint = rangeOf(param, value);
  if (constraint === null) return null;
  return outOfRange(param, constraint, literalText(value), literal.span, []);
}

/** The same for a value given from outside; `from` tells how. */
export function givenProblem(param: Param, value: Value | null, written: string, from: string): Diagnostic | null {
  if (!isKnownType(param.type, SCALAR_TYPES)) return null;
  const notes = [`given by ${from}`];
  const { span } = param.name;
  if (!value) {
    const choices = choicesOf(param);
    if (!choices) return wrongType(param, `\`${written}\``, span, notes);
    const params = { name: param.name.text, value: `"${written}"`, choices: choices.map((c) => `"${c}"`).join(", ") };
    return report("KDP2205", params, span, { variant: "choice", notes });
  }
  const constraint = rangeOf(param, value);
  return constraint === null ? null : outOfRange(param, constraint, literalText(value), span, notes);
}

/** The range that a value leaves, as words; for a list, that of its first element that does. */
export function rangeOf(param: Param, value: Value): string | null {
  if (value.kind === "list") {
    for (const element of value.elements) {
      const constraint = rangeOf(param, element.value);
      if (constraint !== null) return constraint;
    }
    return null;
  }
  if (!param.range || value.kind !== "literal" || typeof value.value !== "number") return null;
  if (rangeProblem(value.value, boundsOf(param)) === null) return null;
  return `between ${literalText(literalValue(param.range.low, null))} and ${literalText(literalValue(param.range.high, null))}`;
}

function outOfRange(param: Param, constraint: string, value: string, span: Span, notes: readonly string[]): Diagnostic {
  const related = param.range ? [{ span: param.range.span, label: "the range" }] : [];
  return report("KDP2205", { name: param.name.text, constraint, value }, span, { related, notes });
}

function wrongType(param: Param, actual: string, span: Span, notes: readonly string[]): Diagnostic {
  const params = { name: param.name.text, expected: typeText(param.type), actual };
  return report("KDP2203", params, span, { variant: "param", notes });
}
