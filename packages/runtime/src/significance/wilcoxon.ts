import { normalTail } from "./special-functions.js";

export interface SignedRank {
  /** Sum of the ranks of positive differences, W⁺. */
  readonly statistic: number;
  /** Differences that are not zero. */
  readonly n: number;
  /** Whether p counts all signs; else it is the normal approximation. */
  readonly exact: boolean;
  /** Two-sided. */
  readonly p: number;
}

/** Up to this many differences all 2^n signs are counted. */
const EXACT_LIMIT = 50;

/**
 * Wilcoxon's signed-rank test of paired differences against zero. Zeros are dropped (Wilcoxon); equal sizes share their mean rank.
 * Few differences are tested exactly, over all signs of these very ranks, which holds with ties as well; more of them by the
 * normal approximation with a correction of 1/2 for continuity and Σ(t³ - t)/48 off the variance for ties.
 * @returns null when no difference is left
 */
export function signedRank(differences: ArrayLike<number>): SignedRank | null {
  const sizes = Float64Array.from(differences as ArrayLike<number>, Math.abs).filter((size) => size > 0);
  const n = sizes.length;
  if (n === 0) return null;
  sizes.sort();
  const { rankOf, doubledRanks, tieTerm } = rankSizes(sizes);
  let statistic = 0;
  for (let i = 0; i < differences.length; i++) {
    const difference = differences[i] as number;
    if (difference > 0) statistic += rankOf.get(difference) as number;
  }
  if (n <= EXACT_LIMIT) return { statistic, n, exact: true, p: exactP(2 * statistic, doubledRanks) };
  const mean = (n * (n + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tieTerm / 48;
  const gap = Math.max(0, Math.abs(statistic - mean) - 0.5);
  return { statistic, n, exact: false, p: Math.min(1, 2 * normalTail(gap / Math.sqrt(variance))) };
}

/** Mean ranks of ascending sizes. Twice a mean rank is a whole number. */
function rankSizes(sizes: Float64Array) {
  const rankOf = new Map<number, number>();
  const doubledRanks = new Int32Array(sizes.length);
  let tieTerm = 0;
  for (let from = 0; from < sizes.length; ) {
    const size = sizes[from] as number;
    let to = from + 1;
    while (to < sizes.length && sizes[to] === size) to++;
    const tied = to - from;
    rankOf.set(size, (from + 1 + to) / 2);
    doubledRanks.fill(from + 1 + to, from, to);
    tieTerm += tied ** 3 - tied;
    from = to;
  }
  return { rankOf, doubledRanks, tieTerm };
}

/** Share of all signs whose sum of positive ranks is as far from the middle as the one that was seen, or farther. */
function exactP(doubled: number, ranks: Int32Array): number {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  // ways[s]: share of the signs with doubled sum s.
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let s = reached; s >= 0; s--) {
      const without = ways[s] as number;
      const taken = s >= rank ? (ways[s - rank] as number) : 0;
      ways[s] = (without + taken) / 2;
    }
  }
  const gap = Math.abs(doubled - total / 2);
  let p = 0;
  for (let s = 0; s <= total; s++) if (Math.abs(s - total / 2) >= gap) p += ways[s] as number;
  return Math.min(1, p);
}
