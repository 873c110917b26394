import { openStream } from "../random/streams.js";
import { Xoshiro } from "../random/xoshiro.js";
import { bootstrapIntervals, type Interval, type SeedDifferences } from "./bootstrap.js";
import { limitIntervals } from "./limit-intervals.js";
import { type PairedT, pairedT } from "./paired-t.js";
import { type SignedRank, signedRank } from "./wilcoxon.js";

/** Resamples and level of the interval. */
export const BOOTSTRAP = { draws: 10_000, level: 0.95 } as const;

/** More users than this are not drawn one by one: 10,000 resamples of a million users would take minutes. */
const MOST_DRAWN = 10_000;

/** What the values of the same users under two models say about the difference of the models. */
export interface Comparison {
  /** Users with a value under both models. */
  readonly users: number;
  readonly seeds: number;
  /** Mean over users of the differences of their seed means. */
  readonly difference: number;
  /** Crossed over users and seeds; null without users. */
  readonly interval: Interval | null;
  /** Tests of the users' differences of seed means; null when there is nothing to test. */
  readonly t: PairedT | null;
  readonly wilcoxon: SignedRank | null;
}

/**
 * Compares two models by the values of their users. All comparisons of one call that have the same numbers of users and seeds
 * share their resamples, which depend on nothing but these numbers.
 * @param pairs differences of users, one array for each seed
 */
export function compare(pairs: readonly SeedDifferences[]): Comparison[] {
  const intervals = intervalsOf(pairs);
  return pairs.map((differences, i) => {
    const means = seedMeans(differences).filter((value) => !Number.isNaN(value));
    const users = means.length;
    return {
      users,
      seeds: differences.length,
      difference: means.reduce((sum, value) => sum + value, 0) / users,
      interval: users === 0 ? null : (intervals[i] ?? null),
      t: pairedT(means),
      wilcoxon: signedRank(means),
    };
  });
}

/** Each user's difference averaged over the seeds; NaN when a seed leaves the user out. */
function seedMeans(differences: SeedDifferences): Float64Array {
  return Float64Array.from(differences[0] ?? [], (_, user) => {
    let sum = 0;
    for (const values of differences) sum += values[user] as number;
    // Sums of the same gains in another order differ in their last bits: what is equal must count as a tie, and zero as zero.
    return Math.round((sum / differences.length) * 1e12) / 1e12;
  });
}

function intervalsOf(pairs: readonly SeedDifferences[]): (Interval | undefined)[] {
  const intervals: (Interval | undefined)[] = pairs.map(() => undefined);
  const shapes = new Map<string, number[]>();
  pairs.forEach((differences, i) => {
    const shape = `${differences.length} ${differences[0]?.length ?? 0}`;
    shapes.set(shape, [...(shapes.get(shape) ?? []), i]);
  });
  for (const members of shapes.values()) {
    const found = intervalsOfShape(members.map((i) => pairs[i] as SeedDifferences));
    members.forEach((i, k) => {
      intervals[i] = found[k];
    });
  }
  return intervals;
}

function intervalsOfShape(members: readonly SeedDifferences[]): readonly Interval[] {
  const seedStream = ownStream(0);
  return (members[0]?.[0]?.length ?? 0) > MOST_DRAWN
    ? limitIntervals(members, { ...BOOTSTRAP, seedStream, normals: namedStream(1) })
    : bootstrapIntervals(members, { ...BOOTSTRAP, seedStream, userStream: ownStream(1) });
}

const namedStream = (epoch: number) => openStream({ seed: 0, family: "bootstrap", purpose: "sampling", epoch });

/** Millions of draws: a named stream gives the state of a cheaper one. */
function ownStream(epoch: number): Xoshiro {
  const named = namedStream(epoch);
  return new Xoshiro([named.word(), named.word(), named.word(), named.word()]);
}
