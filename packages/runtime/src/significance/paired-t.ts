import { studentTwoSided } from "./special-functions.js";

export interface PairedT {
  /** Mean over its standard error; null (and p = 0) when all differences are one and the same, so that there is no error. */
  readonly statistic: number | null;
  /** Degrees of freedom: differences - 1. */
  readonly degrees: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * Student's test of paired differences against zero: t = mean / (s / √n) with s of n - 1.
 * @returns null for fewer than two differences; p = 1 when all of them are zero
 */
export function pairedT(differences: ArrayLike<number>): PairedT | null {
  const n = differences.length;
  if (n < 2) return null;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += differences[i] as number;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += ((differences[i] as number) - mean) ** 2;
  const error = Math.sqrt(squares / (n - 1) / n);
  if (error === 0) {
    return mean === 0 ? { statistic: 0, degrees: n - 1, p: 1 } : { statistic: null, degrees: n - 1, p: 0 };
  }
  const statistic = mean / error;
  return { statistic, degrees: n - 1, p: studentTwoSided(statistic, n - 1) };
}
