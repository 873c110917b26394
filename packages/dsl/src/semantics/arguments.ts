import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { Fix } from "../diagnostics/diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { ArgumentSchema } from "../library/signature.js";
import type { ParamValue } from "../plan/plan.js";
import type { Expr } from "../syntax/ast.js";
import { unite } from "./axes.js";
import type { Frame } from "./frame.js";
import { rangeProblem } from "./ranges.js";
import { schemaName, typeName } from "./type-names.js";
import { isUnknown, type LiteralValue, type ResolvedArgument, type Value } from "./values.js";

export interface ArgumentPlace {
  readonly callee: string;
  readonly name: string;
  readonly expr: Expr;
  readonly frame: Frame;
}

type ElementSchema = Omit<ArgumentSchema, "default" | "doc">;

/** A value as an argument of a stage; null when it does not fit, which has then been reported. */
export function coerceArgument(value: Value, schema: ArgumentSchema, place: ArgumentPlace): ResolvedArgument | null {
  if (isUnknown(value)) return null;
  const { span } = place.expr;
  const found = coerce(value, schema, place);
  if (!found) return null;
  const own = value.kind === "literal" || value.kind === "list" ? value.origin : undefined;
  const origin = own ?? ({ kind: "source", span } as const);
  return { value: found.value, origin, axes: "axes" in value ? value.axes : unite(), span, base: found.base };
}

/** The default of an argument that was left out; undefined when it is required. */
export function defaultArgument(schema: ArgumentSchema, plugin: string): ResolvedArgument | undefined {
  if (schema.default === undefined) return undefined;
  return { value: schema.default, origin: { kind: "default", plugin }, axes: [], span: null, base: null };
}

interface Coerced {
  readonly value: ParamValue;
  readonly base: string | null;
}

function coerce(value: Value, schema: ElementSchema, place: ArgumentPlace): Coerced | null {
  if (schema.type === "list") return coerceList(value, schema, place);
  if (schema.type === "metric") {
    return value.kind === "metric" ? { value: value.key, base: null } : mismatch(value, schema, place);
  }
  if (value.kind !== "literal") return mismatch(value, schema, place);
  switch (schema.type) {
    case "float":
      return value.type === "int" || value.type === "float"
        ? inRange(value, schema, place)
        : mismatch(value, schema, place);
    case "int":
    case "duration":
    case "bytes":
      return value.type === schema.type ? inRange(value, schema, place) : mismatch(value, schema, place);
    case "enum":
      return value.type === "string" ? oneOf(value, schema, place) : mismatch(value, schema, place);
    case "path":
      return value.type === "string" ? { value: value.value, base: value.base } : mismatch(value, schema, place);
    default:
      return value.type === schema.type || value.type === schema.or
        ? { value: value.value, base: null }
        : mismatch(value, schema, place);
  }
}

function coerceList(value: Value, schema: ElementSchema, place: ArgumentPlace): Coerced | null {
  const items: ElementSchema = schema.items ?? { type: "string" };
  if (value.kind !== "list") {
    const single = schema.orOne || fits(value, items) ? coerce(value, items, place) : mismatch(value, schema, place);
    if (!single || schema.orOne) return single && { value: [single.value], base: single.base };
    const { start, end, file } = place.expr.span;
    const fixes: Fix[] = [
      {
        title: "write a list of one",
        edits: [
          { span: { file, start, end: start }, text: "[" },
          { span: { file, start: end, end }, text: "]" },
        ],
      },
    ];
    const params = { callee: `${place.name}\` of \`${place.callee}`, expected: schemaName(items) };
    place.frame.session.reporter.add(report("KDP2211", params, place.expr.span, { fixes }));
    return null;
  }
  const { expr } = place;
  const found = value.elements.map((element, index) =>
    coerce(element.value, items, {
      ...place,
      expr: expr.kind === "list" ? (expr.elements[index]?.value ?? expr) : expr,
    }),
  );
  if (found.some((element) => element === null)) return null;
  const elements = found.filter((element) => element !== null);
  return { value: elements.map((element) => element.value), base: elements[0]?.base ?? null };
}

/** Whether a single value could be an element, without a word about it. */
function fits(value: Value, schema: ElementSchema): boolean {
  if (schema.type === "metric") return value.kind === "metric";
  if (value.kind !== "literal") return false;
  if (schema.type === "float") return value.type === "int" || value.type === "float";
  if (schema.type === "enum" || schema.type === "path") return value.type === "string";
  return value.type === schema.type;
}

function inRange(value: LiteralValue, schema: ElementSchema, place: ArgumentPlace): Coerced | null {
  const constraint = exactnessProblem(value, schema) ?? rangeProblem(Number(value.value), schema);
  if (constraint === null) return { value: value.value, base: null };
  const params = { name: place.name, constraint, value: value.text };
  place.frame.session.reporter.add(report("KDP2205", params, place.expr.span));
  return null;
}

/** Numbers that a computer would quietly replace by another one. */
function exactnessProblem({ value }: LiteralValue, { type }: ElementSchema): string | null {
  if (!Number.isFinite(value)) return "a finite number";
  return type === "int" && !Number.isSafeInteger(value) ? "a whole number below 2^53" : null;
}

function oneOf(value: LiteralValue, schema: ElementSchema, place: ArgumentPlace): Coerced | null {
  const values = schema.values ?? [];
  const written = String(value.value);
  if (values.includes(written)) return { value: written, base: null };
  place.frame.session.reporter.add(notAChoice(place.name, written, values, place.expr));
  return null;
}

/** KDP2205 for a word that is not one of some words. */
export function notAChoice(name: string, written: string, values: readonly string[], expr: Expr) {
  const value = `"${written}"`;
  const nearest = didYouMean(written, values);
  if (nearest === null) {
    const choices = values.map((choice) => `"${choice}"`).join(", ") || "(none)";
    return report("KDP2205", { name, value, choices }, expr.span, { variant: "choice" });
  }
  // The value may come from a param: then the place is a name, and a word in quotes is not what belongs there.
  const fixes = expr.kind === "string" ? [fix(`write "${nearest}"`, expr.span, `"${nearest}"`)] : [];
  return report("KDP2205", { name, value, suggestion: `"${nearest}"` }, expr.span, { variant: "suggestion", fixes });
}

function mismatch(value: Value, schema: ElementSchema, place: ArgumentPlace): null {
  if (value.kind === "unknown") return null;
  const { callee, name, expr, frame } = place;
  const params = { callee, name, expected: schemaName(schema), actual: typeName(value) };
  const wantsText = schema.type === "string" || schema.type === "enum";
  const fixes =
    wantsText && expr.kind === "name" && value.kind === "callable"
      ? [fix(`write "${expr.name.text}"`, expr.span, `"${expr.name.text}"`)]
      : [];
  const hasNoUnit = value.kind === "literal" && value.type === "int";
  const notes =
    hasNoUnit && schema.type === "duration"
      ? ["a duration has a unit: `ms`, `s`, `m`, `h` or `d`"]
      : hasNoUnit && schema.type === "bytes"
        ? ["a size has a unit: `KB`, `MB`, `GB` or `TB`"]
        : [];
  frame.session.reporter.add(report("KDP2203", params, expr.span, { variant: "argument", fixes, notes }));
  return null;
}
