/** What a number of a gate counts. A plain number may stand beside a metric or a count, never beside a size or a time. */
export type Unit = "number" | "metric" | "count" | "bytes" | "duration";

const NAMES: Readonly<Record<Unit, string>> = {
  number: "a plain number",
  metric: "a metric",
  count: "a number of parameters",
  bytes: "a size in bytes",
  duration: "a duration",
};

export const unitName = (unit: Unit): string => NAMES[unit];

const PLAIN: readonly Unit[] = ["metric", "count"];

/** The unit of a sum or a comparison; null when the two do not go together. */
export function commonUnit(a: Unit, b: Unit): Unit | null {
  if (a === b) return a;
  if (a === "number" && PLAIN.includes(b)) return b;
  if (b === "number" && PLAIN.includes(a)) return a;
  return null;
}

/** The unit of a product; null for a size of sizes. */
export function productUnit(a: Unit, b: Unit): Unit | null {
  if (a === "number") return b;
  if (b === "number") return a;
  return PLAIN.includes(a) && PLAIN.includes(b) ? "number" : null;
}

/** The unit of a quotient: a share when both sides count the same. */
export function quotientUnit(a: Unit, b: Unit): Unit | null {
  if (b === "number") return a;
  return a === b || (PLAIN.includes(a) && PLAIN.includes(b)) ? "number" : null;
}
