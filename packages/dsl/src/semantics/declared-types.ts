import { fix, report } from "../diagnostics/create-diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { TypeExpr } from "../syntax/ast.js";
import type { Reporter } from "./reporter.js";
import { isTeacher, type LiteralValue, type RefType, type Value } from "./values.js";

const ofRef = (test: (type: RefType) => boolean) => (value: Value) => value.kind === "ref" && test(value.type);
const ofLiteral = (test: (literal: LiteralValue) => boolean) => (value: Value) =>
  value.kind === "literal" && test(value);

/** Types that a param may have: those that `--set` can give. */
export const SCALAR_TYPES: Readonly<Record<string, (value: Value) => boolean>> = {
  int: ofLiteral(({ type }) => type === "int"),
  float: ofLiteral(({ type }) => type === "float" || type === "int"),
  bool: ofLiteral(({ type }) => type === "bool"),
  string: ofLiteral(({ type }) => type === "string"),
  path: ofLiteral(({ type }) => type === "string"),
  duration: ofLiteral(({ type }) => type === "duration"),
  bytes: ofLiteral(({ type }) => type === "bytes"),
};

/** Types that a `let` or an input of a stage may have. */
export const ALL_TYPES: Readonly<Record<string, (value: Value) => boolean>> = {
  ...SCALAR_TYPES,
  Dataset: ofRef(({ kind }) => kind === "Dataset"),
  Split: ofRef(({ kind }) => kind === "Split"),
  Events: ofRef(({ kind }) => kind === "Events"),
  Teacher: ofRef(isTeacher),
  Model: ofRef(({ kind }) => kind === "Model"),
  Crowd: ofRef(({ kind }) => kind === "Crowd"),
  Ranking: ofRef(({ kind }) => kind === "Ranking"),
  Metrics: ofRef(({ kind }) => kind === "Metrics"),
  Lesson: ({ kind }) => kind === "lesson",
  Loss: ({ kind }) => kind === "loss",
  Metric: ({ kind }) => kind === "metric",
  Stage: ({ kind }) => kind === "stage",
  Artifact: ({ kind }) => kind === "artifact",
};

/** A type as it is written. */
export function typeText(type: TypeExpr): string {
  return type.alternatives
    .map((alternative) =>
      alternative.kind === "value"
        ? `"${alternative.value}"`
        : `${alternative.name.text}${alternative.list ? "[]" : ""}`,
    )
    .join(" | ");
}

/** False when the type is partly missing or names what is not a type: nothing can be checked against it then. */
export function isKnownType(type: TypeExpr, known: Readonly<Record<string, unknown>>): boolean {
  return (
    type.alternatives.length > 0 &&
    type.alternatives.every((a) => a.kind === "value" || (!a.name.missing && Object.hasOwn(known, a.name.text)))
  );
}

/** Reports KDP1101 for names that are no types. */
export function checkTypeNames(type: TypeExpr, known: Readonly<Record<string, unknown>>, reporter: Reporter): void {
  for (const alternative of type.alternatives) {
    if (alternative.kind === "value" || alternative.name.missing) continue;
    const { text, span } = alternative.name;
    if (Object.hasOwn(known, text)) continue;
    const names = Object.keys(known);
    const suggestion = didYouMean(text, names);
    if (suggestion === null) {
      reporter.add(
        report("KDP1101", { kind: "type", name: text }, span, { notes: [`types here: ${names.join(", ")}`] }),
      );
    } else {
      const fixes = [fix(`write \`${suggestion}\``, span, suggestion)];
      reporter.add(report("KDP1101", { kind: "type", name: text, suggestion }, span, { variant: "suggestion", fixes }));
    }
  }
}

/** The value as one of that type (an `int` becomes a `float`), or null. Whatever is already wrong fits. */
export function conform(value: Value, type: TypeExpr): Value | null {
  if (value.kind === "unknown" || !isKnownType(type, ALL_TYPES)) return value;
  for (const alternative of type.alternatives) {
    if (alternative.kind === "value") {
      if (value.kind === "literal" && value.type === "string" && value.value === alternative.value) return value;
      continue;
    }
    const { name, list } = alternative;
    const fits = ALL_TYPES[name.text];
    if (!fits) continue;
    if (!list) {
      if (fits(value)) return asType(value, name.text);
    } else if (value.kind === "list" && value.elements.every((e) => e.value.kind === "unknown" || fits(e.value))) {
      const elements = value.elements.map((e) => ({ ...e, value: asType(e.value, name.text) }));
      return { ...value, elements };
    }
  }
  return null;
}

const asType = (value: Value, type: string): Value =>
  type === "float" && value.kind === "literal" && value.type === "int" ? { ...value, type: "float" } : value;
