import type { ParamSchema } from "@kdp/plugin-api";

type Bounds = Pick<ParamSchema, "min" | "max" | "exclusiveMin">;

/** What a number outside the bounds should have been (`at least 1`, `between 4 and 200`); null when it is inside. */
export function rangeProblem(value: number, { min, max, exclusiveMin }: Bounds): string | null {
  const low = min === undefined || (exclusiveMin ? value > min : value >= min);
  const high = max === undefined || value <= max;
  if (low && high) return null;
  if (min !== undefined && max !== undefined && !exclusiveMin) return `between ${min} and ${max}`;
  const parts = [
    ...(min === undefined ? [] : [`${exclusiveMin ? "above" : "at least"} ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
  ];
  return parts.join(" and ");
}
