/** Means of each term over an epoch. */
export class EpochLosses {
  readonly #sums = new Map<string, { sum: number; triplets: number }>();

  /** @param value sum over the step, null when it was not computed */
  add(term: string, value: number | null, triplets: number): void {
    if (value === null) return;
    const held = this.#sums.get(term) ?? { sum: 0, triplets: 0 };
    held.sum += value;
    held.triplets += triplets;
    this.#sums.set(term, held);
  }

  /** Mean per triplet over the steps that computed the term. */
  means(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#sums].map(([term, { sum, triplets }]) => [term, sum / Math.max(1, triplets)]));
  }
}
