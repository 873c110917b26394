/**
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011: "Parallel random numbers: as easy as 1, 2, 3"): a keyed bijection of
 * 128-bit counters. Counter-based, so any block of a stream is computed without the blocks before it.
 */

// Multipliers of the two lanes, split into 16-bit halves: JavaScript has no 32x32 -> 64 multiplication.
const M0 = 0xd2511f53;
const M0_LOW = 0x1f53;
const M0_HIGH = 0xd251;
const M1 = 0xcd9e8d57;
const M1_LOW = 0x8d57;
const M1_HIGH = 0xcd9e;
// Weyl increments of the key: golden ratio and sqrt(3) - 1.
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const ROUNDS = 10;

/** Words of one block. */
export const BLOCK_WORDS = 4;

/** High 32 bits of the product of two unsigned 32-bit integers, as a signed 32-bit number. */
export function mulHigh(a: number, b: number): number {
  return mulHighSplit(a & 0xffff, a >>> 16, b & 0xffff, b >>> 16);
}

function mulHighSplit(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const low = Math.imul(aLow, bLow) >>> 16;
  const middle = aHigh * bLow + low;
  const carry = aLow * bHigh + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) | 0;
}

/** Where a stream is: a 64-bit key and a 128-bit counter, least significant word first. */
export interface PhiloxState {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number, number];
}

/**
 * Writes consecutive blocks to `out` (length a multiple of {@link BLOCK_WORDS}). The counter's lowest word is advanced by
 * one a block and must not wrap: 2^34 words to a stream lane.
 */
export function philoxBlocks(state: PhiloxState, out: Uint32Array): void {
  const [key0, key1] = state.key;
  const [start, c1, c2, c3] = state.counter;
  for (let at = 0, block = 0; at < out.length; at += BLOCK_WORDS, block++) {
    let x0 = (start + block) | 0;
    let x1 = c1;
    let x2 = c2;
    let x3 = c3;
    let k0 = key0;
    let k1 = key1;
    for (let round = 0; round < ROUNDS; round++) {
      const high0 = mulHighSplit(M0_LOW, M0_HIGH, x0 & 0xffff, x0 >>> 16);
      const low0 = Math.imul(M0, x0);
      const high1 = mulHighSplit(M1_LOW, M1_HIGH, x2 & 0xffff, x2 >>> 16);
      const low1 = Math.imul(M1, x2);
      x0 = high1 ^ x1 ^ k0;
      x1 = low1;
      x2 = high0 ^ x3 ^ k1;
      x3 = low0;
      k0 = (k0 + W0) | 0;
      k1 = (k1 + W1) | 0;
    }
    out[at] = x0;
    out[at + 1] = x1;
    out[at + 2] = x2;
    out[at + 3] = x3;
  }
}
