import type { RankingTable } from "./loss.js";
import type { MetricFacts } from "./manifest.js";

/**
 * The held-out items of one user as ranked: `ranks[j]` is 1 + items above + half the ties (`rules`: average-rank ties),
 * ascending. `relevant` is their number.
 */
export interface UserRanks {
  readonly ranks: Float64Array;
  /** The item of each rank. */
  readonly items: Int32Array;
  readonly relevant: number;
}

/** What a metric may know of the items. */
export interface CatalogueFacts {
  readonly users: number;
  readonly items: number;
  /** Training interactions of each item. */
  readonly popularity: Int32Array;
  /**
   * 1 for the items of the head: the most popular ones that together have half of the training interactions
   * (greedy cut of UnKD with two groups).
   */
  readonly head: Uint8Array;
}

/** A metric has one of three forms: a mean of values of users, one value of everybody's lists, or one of clusters of users. */
export interface MetricDefinition extends Omit<MetricFacts, "kind" | "params" | "clusters"> {
  /**
   * Value of one user with held-out items. NaN leaves the user out of the mean; users without held-out items are left out
   * and counted by the engine.
   */
  perUser?(user: UserRanks, cutoff: number, catalogue: CatalogueFacts): number;
  /**
   * Value of the lists shown to the evaluated users.
   * @param lists the `cutoff` best candidates of each user, best first, -1 past the end of a short list
   */
  overall?(lists: RankingTable, cutoff: number, catalogue: CatalogueFacts): number;
  /**
   * Value of clusters of users with similar tastes, for `evaluate(clusters: …)` only. Clusters with too few users to tell
   * anything are left out.
   * @param clusters ranks of the users with held-out items, cluster by cluster
   */
  perCluster?(clusters: readonly (readonly UserRanks[])[], cutoff: number, catalogue: CatalogueFacts): number;
}
