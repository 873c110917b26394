import { drawSeeds, type Interval, intervalOf, type SeedDifferences } from "./bootstrap.js";

export interface LimitOptions {
  readonly draws: number;
  readonly level: number;
  readonly seedStream: { below(bound: number): number };
  /** Gives standard normal numbers. */
  readonly normals: { normal(): number };
}

/**
 * The intervals of `bootstrapIntervals` for many users. With the seeds drawn, the mean over n users drawn with replacement has
 * the mean wᵀm and the variance wᵀCw / n of the users' own values (w: shares of the seeds, m and C: means and covariance of the
 * seeds over users), and is normal but for a skewness of the order of 1/√n. A resample is then one normal number instead of n
 * users. A user who is NaN under a seed is out of the comparison.
 */
export function limitIntervals(comparisons: readonly SeedDifferences[], options: LimitOptions): Interval[] {
  const seeds = comparisons[0]?.length ?? 0;
  const moments = comparisons.map(momentsOf);
  const means = comparisons.map(() => new Float64Array(options.draws));
  let draw = 0;
  for (const { counts, draws } of drawSeeds(seeds, options)) {
    const given = moments.map((moment) => meanAndError(moment, counts));
    for (let i = 0; i < draws; i++, draw++) {
      const z = options.normals.normal();
      given.forEach(({ mean, error }, c) => {
        (means[c] as Float64Array)[draw] = mean + error * z;
      });
    }
  }
  return means.map((mean) => intervalOf(mean, options.level));
}

interface Moments {
  readonly users: number;
  readonly mean: Float64Array;
  /** seeds × seeds, by users (not users − 1): a resample varies as the users at hand do. */
  readonly covariance: Float64Array;
}

function momentsOf(bySeed: SeedDifferences): Moments {
  const seeds = bySeed.length;
  const length = bySeed[0]?.length ?? 0;
  const present = Array.from({ length }, (_, user) => user).filter((user) =>
    bySeed.every((values) => !Number.isNaN(values[user])),
  );
  const users = present.length;
  const mean = Float64Array.from(bySeed, (values) => {
    let sum = 0;
    for (const user of present) sum += values[user] as number;
    return sum / users;
  });
  const covariance = new Float64Array(seeds * seeds);
  for (let a = 0; a < seeds; a++) {
    for (let b = 0; b <= a; b++) {
      const [left, right] = [bySeed[a] as Float64Array, bySeed[b] as Float64Array];
      const [leftMean, rightMean] = [mean[a] as number, mean[b] as number];
      let sum = 0;
      for (const user of present) sum += ((left[user] as number) - leftMean) * ((right[user] as number) - rightMean);
      covariance[a * seeds + b] = sum / users;
      covariance[b * seeds + a] = sum / users;
    }
  }
  return { users, mean, covariance };
}

function meanAndError({ users, mean, covariance }: Moments, counts: Int32Array) {
  const seeds = counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const share = Float64Array.from(counts, (count) => count / total);
  let pooled = 0;
  let variance = 0;
  for (let a = 0; a < seeds; a++) {
    pooled += (share[a] as number) * (mean[a] as number);
    for (let b = 0; b < seeds; b++) {
      variance += (share[a] as number) * (share[b] as number) * (covariance[a * seeds + b] as number);
    }
  }
  // Rounding may leave a variance of equal values just below zero.
  return { mean: pooled, error: Math.sqrt(Math.max(0, variance) / users) };
}
