import type { ParamValue, PlanNode } from "@kdp/dsl";

/**
 * Typed access to the arguments of a node of the runtime's own stages. The compiler has checked them against the stage's
 * signature, so that a mismatch here is a bug of kdp.
 */
type Params = PlanNode["params"];

function wrong(name: string, value: ParamValue | undefined, type: string): never {
  throw new Error(`argument ${name} should be ${type}, the plan has ${JSON.stringify(value)}`);
}

export function optionalNumber(params: Params, name: string): number | null {
  const value = params[name] ?? null;
  return value === null || typeof value === "number" ? value : wrong(name, value, "a number");
}

export function requiredNumber(params: Params, name: string): number {
  return optionalNumber(params, name) ?? wrong(name, params[name], "a number");
}

export function optionalString(params: Params, name: string): string | null {
  const value = params[name] ?? null;
  return value === null || typeof value === "string" ? value : wrong(name, value, "a string");
}

export function optionalBoolean(params: Params, name: string): boolean | null {
  const value = params[name] ?? null;
  return value === null || typeof value === "boolean" ? value : wrong(name, value, "true or false");
}

/** A column: its name, or its index from 0. */
export function optionalColumn(params: Params, name: string): string | number | null {
  const value = params[name] ?? null;
  return value === null || typeof value === "string" || typeof value === "number"
    ? value
    : wrong(name, value, "a column");
}

export function stringList(params: Params, name: string): readonly string[] {
  const value = params[name];
  if (!Array.isArray(value)) return wrong(name, value, "a list");
  return value.map((item) => (typeof item === "string" ? item : wrong(name, value, "a list of strings")));
}
