/** How many of the ranks, which ascend, are within the cut-off. */
export function hitsWithin(ranks: Float64Array, cutoff: number): number {
  let hits = 0;
  while (hits < ranks.length && (ranks[hits] as number) <= cutoff) hits++;
  return hits;
}

/** Gain of an item at a rank: 1 / log2(1 + rank). */
export const gain = (rank: number): number => 1 / Math.log2(1 + rank);

/** Gain of the best possible list: `n` relevant items at ranks 1 to n. */
export function idealGain(n: number): number {
  let sum = 0;
  for (let rank = 1; rank <= n; rank++) sum += gain(rank);
  return sum;
}
