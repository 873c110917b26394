import type { Catalogue } from "../library/catalogue.js";
import type { ArgumentSchema } from "../library/signature.js";

/** A legal value to start from, for the fix of a missing argument; null where any value would be a guess at the user's files. */
export function exampleOf(
  schema: Pick<ArgumentSchema, "type" | "min" | "max" | "values" | "items" | "exclusiveMin">,
  library: Catalogue,
): string | null {
  switch (schema.type) {
    case "bool":
      return "false";
    case "int":
      return String(Math.min(Math.max(schema.min ?? 0, 32), schema.max ?? 32));
    case "float":
      return String(Math.min(Math.max(schema.min ?? 0, 0.5), schema.max ?? 0.5));
    case "duration":
      return "30m";
    case "bytes":
      return "4GB";
    case "enum":
      return schema.values?.[0] === undefined ? null : `"${schema.values[0]}"`;
    case "metric":
      return metricExample(library);
    case "list": {
      const element = schema.items ? exampleOf(schema.items, library) : null;
      return element && `[${element}]`;
    }
    default:
      return null;
  }
}

function metricExample(library: Catalogue): string | null {
  const names = library.namesOf("metric");
  const name = names.find((known) => known === "ndcg") ?? names[0];
  if (name === undefined) return null;
  const facts = library.find(name)?.facts;
  return facts?.kind === "metric" && facts.cutoff ? `${name}@10` : name;
}
