import { began } from "./divergence.js";

/** Means of each term over an epoch. */
export class EpochLosses {
  readonly #weightOf: (term: string) => number;
  #start: Readonly<Record<string, number>>;
  readonly #sums = new Map<string, { sum: number; triplets: number }>();

  /** @param start first values of the terms so far */
  constructor(start: Readonly<Record<string, number>>, weightOf: (term: string) => number) {
    this.#start = start;
    this.#weightOf = weightOf;
  }

  /** First values of the terms, weighted, per triplet. */
  get start(): Readonly<Record<string, number>> {
    return this.#start;
  }

  /** @param value sum over the step, null when it was not computed */
  add(term: string, value: number | null, triplets: number): void {
    if (value === null) return;
    this.#start = began(this.#start, term, (this.#weightOf(term) * value) / Math.max(1, triplets));
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
