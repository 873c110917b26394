/** Mean and sample standard deviation (n − 1) of some runs; `sd` is null for fewer than two. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  readonly sd: number | null;
}

/**
 * What a difference amounts to. It counts when it is more than two standard errors away from zero: luck alone gets that far
 * once in five or six times with three seeds, once in thirteen with ten. A single seed tells no spread, so nothing counts.
 */
export type Difference = "better" | "worse" | "unclear";

export function differenceOf(delta: Summary): Difference {
  if (delta.sd === null || Math.abs(delta.mean) <= (2 * delta.sd) / Math.sqrt(delta.n)) return "unclear";
  return delta.mean > 0 ? "better" : "worse";
}

/** `p 0.012`, `p < 0.001`. */
export const formatP = (p: number): string => (p < 0.001 ? "p < 0.001" : `p ${p.toFixed(3)}`);

export function summarise(values: readonly number[]): Summary | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { n, mean, sd: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, sd: Math.sqrt(squares / (n - 1)) };
}
