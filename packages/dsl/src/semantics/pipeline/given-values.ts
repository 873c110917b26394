import type { TypeExpr } from "../../syntax/ast.js";
import { bytesOf, secondsOf } from "../../syntax/number-text.js";
import { NO_AXES } from "../axes.js";
import type { LiteralType, LiteralValue, Value } from "../values.js";

/** Values from outside the file have no place in it. Paths among them start from the working directory. */
const OUTSIDE = {
  kind: "literal",
  axes: NO_AXES,
  base: null,
  origin: { kind: "param", param: "", value: "set" },
} as const;

const literal = (type: LiteralType, value: LiteralValue["value"], text: string): LiteralValue => ({
  ...OUTSIDE,
  type,
  value,
  text,
});

const list = (items: readonly (Value | null)[]): Value | null => {
  const elements = items.flatMap((value) => value ?? []);
  if (elements.length < items.length) return null;
  // They have no place; who takes the list puts them where its param is.
  const span = { file: "", start: 0, end: 0 };
  return { kind: "list", axes: NO_AXES, elements: elements.map((value) => ({ label: null, value, span })) };
};

const SCALARS: readonly (readonly [RegExp, (text: string) => LiteralValue])[] = [
  [/^[+-]?\d+$/, (text) => literal("int", Number(text), text)],
  [/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, (text) => literal("float", Number(text), text)],
  [/^(true|false)$/, (text) => literal("bool", text === "true", text)],
  [/^\d+(ms|s|m|h|d)$/, (text) => literal("duration", secondsOf(text).seconds, text)],
  [/^\d+(KB|MB|GB|TB)$/, (text) => literal("bytes", bytesOf(text).bytes, text)],
];

/**
 * What `--set name=text` means for a param of this type: the shell has no quotes left, so the type decides whether `10` is a
 * number or a string. Null when it cannot be of the type.
 */
export function parseGiven(text: string, type: TypeExpr): Value | null {
  for (const alternative of type.alternatives) {
    const value =
      alternative.kind === "value"
        ? asText(text, alternative.value)
        : alternative.list
          ? parseList(text, alternative.name.text)
          : parseScalar(text, alternative.name.text);
    if (value) return value;
  }
  return null;
}

function parseScalar(text: string, type: string): LiteralValue | null {
  if (type === "string" || type === "path") return literal("string", text, JSON.stringify(text));
  const trimmed = text.trim();
  const found = SCALARS.find(([pattern]) => pattern.test(trimmed))?.[1](trimmed);
  if (!found) return null;
  return found.type === type || (type === "float" && found.type === "int") ? found : null;
}

/** `600,200` or `[600, 200]`. */
function parseList(text: string, type: string): Value | null {
  const inner = /^\s*\[(.*)\]\s*$/s.exec(text)?.[1] ?? text;
  if (inner.trim() === "") return list([]);
  return list(inner.split(",").map((item) => parseScalar(item.trim().replace(/^"(.*)"$/s, "$1"), type)));
}

const asText = (text: string, wanted: string): LiteralValue | null =>
  text === wanted ? literal("string", text, JSON.stringify(text)) : null;

/** A value of `--params file.json`. Durations and sizes are strings with their unit. */
export function jsonGiven(json: unknown, type: TypeExpr): Value | null {
  if (Array.isArray(json)) {
    const element = type.alternatives.find((a) => a.kind === "named" && a.list);
    if (element?.kind !== "named") return null;
    const single: TypeExpr = { ...type, alternatives: [{ ...element, list: false }] };
    return list(json.map((item) => jsonGiven(item, single)));
  }
  if (typeof json === "string") {
    const takesText = (a: TypeExpr["alternatives"][number]) =>
      a.kind === "value" || (!a.list && ["string", "path", "duration", "bytes"].includes(a.name.text));
    return parseGiven(json, { ...type, alternatives: type.alternatives.filter(takesText) });
  }
  if (typeof json === "number" || typeof json === "boolean") {
    const takesNumber = (a: TypeExpr["alternatives"][number]) =>
      a.kind === "named" && !a.list && ["int", "float", "bool"].includes(a.name.text);
    return parseGiven(String(json), { ...type, alternatives: type.alternatives.filter(takesNumber) });
  }
  return null;
}
