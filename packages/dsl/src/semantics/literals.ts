import type { Literal } from "../syntax/ast.js";
import { NO_AXES } from "./axes.js";
import type { LiteralValue, Value } from "./values.js";

/** The value of a literal. `base` is the folder that a path would start from. */
export function literalValue(literal: Literal, base: string | null): LiteralValue | Value {
  const common = { kind: "literal", origin: { kind: "source", span: literal.span }, axes: NO_AXES, base } as const;
  switch (literal.kind) {
    case "number":
      return { ...common, type: literal.integer ? "int" : "float", value: literal.value, text: literal.text };
    case "string":
      return { ...common, type: "string", value: literal.value, text: JSON.stringify(literal.value) };
    case "bool":
      return { ...common, type: "bool", value: literal.value, text: String(literal.value) };
    case "duration":
      return { ...common, type: "duration", value: literal.seconds, text: literal.text };
    case "bytes":
      return { ...common, type: "bytes", value: literal.bytes, text: literal.text };
    case "list-literal":
      return {
        kind: "list",
        axes: NO_AXES,
        elements: literal.items.map((item) => ({ label: null, value: literalValue(item, base), span: item.span })),
      };
  }
}

/** A value as it would be written. */
export function literalText(value: Value): string {
  if (value.kind === "literal") return value.text;
  if (value.kind === "metric") return value.key;
  if (value.kind === "list") return `[${value.elements.map((element) => literalText(element.value)).join(", ")}]`;
  return "…";
}
