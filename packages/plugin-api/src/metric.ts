import type { MetricFacts } from "./manifest.js";

/**
 * The held-out items of one user as ranked: `ranks[j]` is 1 + items above + half the ties (`rules`: average-rank ties),
 * ascending. `relevant` is their number.
 */
export interface UserRanks {
  readonly ranks: Float64Array;
  readonly relevant: number;
}

export interface MetricDefinition extends Omit<MetricFacts, "kind" | "params"> {
  /** Value of one user. Users without held-out items are left out of the mean and counted by the engine. */
  perUser(user: UserRanks, cutoff: number): number;
}
