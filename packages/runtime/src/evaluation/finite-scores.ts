import type { Scorer } from "@kdp/plugin-api";
import { RuntimeFault } from "../faults.js";

/** @throws RuntimeFault KDP8001 when a factor is NaN or infinite: no ranking follows from such scores */
export function checkFactors(scorer: Scorer & { readonly kind: "dot" }, node: string): void {
  for (const side of ["user", "item"] as const) {
    const row = firstNonFiniteRow(scorer[side], scorer.cols);
    if (row !== -1)
      throw notFinite(node, `the factors of ${side} ${row} (numbered from 0) hold NaN or infinite values`);
  }
}

function firstNonFiniteRow(values: Float32Array, cols: number): number {
  // x - x is 0 for every finite number and NaN for all others, so one sum tells whether there is anything to look for.
  let sum = 0;
  for (const value of values) sum += value - value;
  if (sum === 0) return -1;
  return Math.floor(values.findIndex((value) => !Number.isFinite(value)) / cols);
}

/** @throws RuntimeFault KDP8001 when a score is NaN */
export function checkScores(scores: Float32Array, user: number, node: string): void {
  for (const score of scores) {
    if (Number.isNaN(score)) throw notFinite(node, `the scores of user ${user} (numbered from 0) hold NaN`);
  }
}

const notFinite = (node: string, message: string) =>
  new RuntimeFault({
    code: "KDP8001",
    kind: "run",
    message: `${message}: nothing can be ranked by them`,
    place: node,
    fix: "the training of this model diverged; lower `learning_rate` or the weights of its losses",
  });
