/** Differences of users between two models: one array for each seed, all over the same users. */
export type SeedDifferences = readonly Float64Array[];

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Gives integers in [0, bound). */
export interface Draws {
  below(bound: number): number;
}

export interface BootstrapOptions {
  /** Resamples: 10,000. */
  readonly draws: number;
  /** Share of the resamples inside the interval, the same left out on both sides. */
  readonly level: number;
  readonly seedStream: Draws;
  readonly userStream: Draws;
}

/**
 * Percentile intervals of mean differences by a bootstrap crossed over users and seeds: each resample draws as many seeds and as
 * many users as there are, with replacement, and takes the mean over all drawn pairs. All comparisons see the same
 * resamples. A user who is NaN in a comparison is out of its means.
 * @param comparisons of equal numbers of seeds and users
 */
export function bootstrapIntervals(comparisons: readonly SeedDifferences[], options: BootstrapOptions): Interval[] {
  const seeds = comparisons[0]?.length ?? 0;
  const users = comparisons[0]?.[0]?.length ?? 0;
  if (seeds === 0 || users === 0) return comparisons.map(() => ({ low: Number.NaN, high: Number.NaN }));
  const means = comparisons.map(() => new Float64Array(options.draws));
  const times = new Float64Array(users);
  let draw = 0;
  for (const { counts, draws } of drawSeeds(seeds, options)) {
    const pooled = comparisons.map((bySeed) => pool(bySeed, counts, users));
    for (let i = 0; i < draws; i++, draw++) {
      times.fill(0);
      for (let u = 0; u < users; u++) {
        const user = options.userStream.below(users);
        times[user] = (times[user] as number) + 1;
      }
      pooled.forEach(({ values, present }, c) => {
        (means[c] as Float64Array)[draw] = dot(times, values) / (present ? dot(times, present) : users);
      });
    }
  }
  return means.map((mean) => intervalOf(mean, options.level));
}

/** Four sums at a time: one would wait for itself at every addition. */
function dot(a: Float64Array, b: Float64Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const blocks = a.length - (a.length % 4);
  for (let i = 0; i < blocks; i += 4) {
    s0 += (a[i] as number) * (b[i] as number);
    s1 += (a[i + 1] as number) * (b[i + 1] as number);
    s2 += (a[i + 2] as number) * (b[i + 2] as number);
    s3 += (a[i + 3] as number) * (b[i + 3] as number);
  }
  for (let i = blocks; i < a.length; i++) s0 += (a[i] as number) * (b[i] as number);
  return s0 + s1 + s2 + s3;
}

/** The seeds of all resamples, equal ones together: what they average is worked out once. */
export function drawSeeds(seeds: number, { draws, seedStream }: Pick<BootstrapOptions, "draws" | "seedStream">) {
  const found = new Map<string, { readonly counts: Int32Array; draws: number }>();
  for (let draw = 0; draw < draws; draw++) {
    const counts = new Int32Array(seeds);
    for (let i = 0; i < seeds; i++) {
      const seed = seedStream.below(seeds);
      counts[seed] = (counts[seed] as number) + 1;
    }
    const key = counts.join();
    const same = found.get(key);
    if (same) same.draws++;
    else found.set(key, { counts, draws: 1 });
  }
  return found.values();
}

interface Pooled {
  /** Each user's mean over the drawn seeds; 0 where one of them leaves the user out. */
  readonly values: Float64Array;
  /** 1 for the users who are in; null when all are. */
  readonly present: Float64Array | null;
}

function pool(bySeed: SeedDifferences, counts: Int32Array, users: number): Pooled {
  const values = new Float64Array(users);
  const total = counts.reduce((sum, count) => sum + count, 0);
  bySeed.forEach((differences, seed) => {
    const share = (counts[seed] as number) / total;
    // A seed that was not drawn must not spoil the mean with its NaN.
    if (share === 0) return;
    for (let u = 0; u < users; u++) values[u] = (values[u] as number) + share * (differences[u] as number);
  });
  if (!values.some(Number.isNaN)) return { values, present: null };
  const present = values.map((value) => (Number.isNaN(value) ? 0 : 1));
  return { values: values.map((value) => (Number.isNaN(value) ? 0 : value)), present };
}

/** Both ends between the nearest two order statistics, linearly. */
export function intervalOf(values: Float64Array, level: number): Interval {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? Number.NaN;
    const above = sorted[Math.ceil(place)] ?? Number.NaN;
    return below + (place - Math.floor(place)) * (above - below);
  };
  return { low: at((1 - level) / 2), high: at((1 + level) / 2) };
}
