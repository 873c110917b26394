import type { ParamSchemas } from "../params.js";

/**
 * Arguments of a stage with its defaults filled in.
 * @throws Error for an unknown argument, and for a required one that is not given
 */
export function resolveParams(
  schemas: ParamSchemas,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const unknown = Object.keys(given).filter((name) => !(name in schemas));
  if (unknown.length > 0) throw new Error(`no argument named ${unknown.join(", ")}`);
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const value = name in given ? given[name] : schema.default;
      if (value === undefined) throw new Error(`argument "${name}" has no default and was not given`);
      return [name, value];
    }),
  );
}
