import type { RandomStream } from "@kdp/plugin-api";
import { BLOCK_WORDS, mulHigh, philoxBlocks } from "./philox.js";

const TWO_POW_32 = 4294967296;
const TWO_POW_31 = 2147483648;
/** Words made at a time: few enough to stay in the first-level cache, enough to spread the cost of a call. */
const BUFFER_WORDS = 64 * BLOCK_WORDS;

/** 128 bits that name a stream: 64 for the key, 64 for the upper half of the counter. */
export interface StreamName {
  readonly key: readonly [number, number];
  readonly nonce: readonly [number, number];
}

/**
 * A stream of Philox blocks. Its 2^32 lanes (second counter word) are independent streams, so that something with many
 * members, one lane each, can be visited in any order.
 */
export class PhiloxStream implements RandomStream {
  readonly #name: StreamName;
  readonly #buffer = new Uint32Array(BUFFER_WORDS);
  #lane = 0;
  #block = 0;
  #next = BUFFER_WORDS;
  /** Second number of the last Box–Muller pair. */
  #spare = Number.NaN;

  constructor(name: StreamName) {
    this.#name = name;
  }

  get key(): StreamName {
    return this.#name;
  }

  /** Continues at the beginning of a lane. */
  toLane(lane: number): void {
    this.#lane = lane | 0;
    this.#block = 0;
    this.#next = BUFFER_WORDS;
    this.#spare = Number.NaN;
  }

  /** 32 random bits, unsigned. */
  word(): number {
    if (this.#next === BUFFER_WORDS) this.#refill();
    return this.#buffer[this.#next++] as number;
  }

  uniform(): number {
    return this.word() / TWO_POW_32;
  }

  below(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= TWO_POW_31)) {
      throw new RangeError(`below(${bound}): the bound must be an integer from 1 to 2^31`);
    }
    // Lemire 2019: the high word of word * bound is uniform once low words under 2^32 mod bound are refused.
    let word = this.word();
    let low = Math.imul(word, bound) >>> 0;
    if (low < bound) {
      const refused = TWO_POW_32 % bound;
      while (low < refused) {
        word = this.word();
        low = Math.imul(word, bound) >>> 0;
      }
    }
    return mulHigh(word, bound) >>> 0;
  }

  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    // Box–Muller; the first uniform is taken from (0, 1] so that its logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log((this.word() + 1) / TWO_POW_32));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  fillNormal(out: Float32Array, scale: number): void {
    for (let i = 0; i < out.length; i++) out[i] = this.normal() * scale;
  }

  fillUniform(out: Float32Array, low: number, high: number): void {
    const width = high - low;
    for (let i = 0; i < out.length; i++) out[i] = low + width * this.uniform();
  }

  shuffle(values: Int32Array): void {
    for (let last = values.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const kept = values[last] as number;
      values[last] = values[other] as number;
      values[other] = kept;
    }
  }

  #refill(): void {
    const { key, nonce } = this.#name;
    philoxBlocks({ key, counter: [this.#block, this.#lane, nonce[0], nonce[1]] }, this.#buffer);
    this.#block += BUFFER_WORDS / BLOCK_WORDS;
    this.#next = 0;
  }
}
