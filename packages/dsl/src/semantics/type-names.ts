import type { ArgumentSchema } from "../library/signature.js";
import type { RefType, Value } from "./values.js";

/** The type of a value as the language would say it. */
export function typeName(value: Value): string {
  switch (value.kind) {
    case "unknown":
      return "unknown";
    case "literal":
      return value.type;
    case "metric":
      return "Metric";
    case "loss":
      return "Loss";
    case "callable":
      return value.signature.kind === "loss" ? "Loss" : value.signature.kind === "metric" ? "Metric" : "a stage";
    case "macro":
    case "stage":
      return "a stage";
    case "namespace":
      return "a plugin";
    case "list":
      return listName(value.elements.map((element) => typeName(element.value)));
    case "ref":
      return refName(value.type);
    case "lesson":
      return "Lesson";
    case "measure":
      return value.measure.kind === "metric"
        ? `a value of ${value.measure.key}`
        : `the ${value.measure.name} of a model`;
    case "artifact":
      return "Artifact";
  }
}

function listName(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  if (distinct.length === 0) return "an empty list";
  if (distinct.length > 1) return `a list of ${distinct.join(" and ")}`;
  const [only = ""] = distinct;
  return only.includes(" ") ? `a list of ${only}` : `${only}[]`;
}

function refName(type: RefType): string {
  switch (type.kind) {
    case "Events":
      return `Events (${type.role})`;
    case "Ranking":
      return type.length === null ? "Ranking" : `Ranking (top ${type.length})`;
    case "Metrics":
      return `Metrics (${type.role})`;
    default:
      return type.kind;
  }
}

/** What an argument takes. */
export function schemaName(schema: Pick<ArgumentSchema, "type" | "items" | "or" | "orOne" | "values">): string {
  switch (schema.type) {
    case "enum":
      return (schema.values ?? []).map((value) => `"${value}"`).join(" | ");
    case "list": {
      const element = schema.items?.type === "metric" ? "Metric" : schema.items ? schemaName(schema.items) : "value";
      return schema.orOne ? `${element} or ${element}[]` : `${element}[]`;
    }
    case "metric":
      return "a Metric like `ndcg@10`";
    case "duration":
      return "duration (like `30m`)";
    case "bytes":
      return "bytes (like `4GB`)";
    default:
      return schema.or ? `${schema.type} or ${schema.or}` : schema.type;
  }
}

/** `ranking`, `ranking and scores`, `ranking, scores and embeddings`. */
export function enumerate(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "nothing";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
