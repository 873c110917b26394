import type { RandomKey } from "@kdp/plugin-api";

const M0 = 0xd2511f53n;
const M1 = 0xcd9e8d57n;
const MASK = 0xffffffffn;

/** Philox4x32-10 as in its definition, in big integers: the four unsigned words of a block. */
export function philoxBlock({ key, nonce }: RandomKey, lane: number, block: number): readonly number[] {
  const word = (x: number): bigint => BigInt(x >>> 0);
  let [x0, x1, x2, x3] = [word(block), word(lane), word(nonce[0]), word(nonce[1])];
  let [k0, k1] = [word(key[0]), word(key[1])];
  for (let round = 0; round < 10; round++) {
    const [a, b] = [M0 * x0, M1 * x2];
    [x0, x1, x2, x3] = [(b >> 32n) ^ x1 ^ k0, b & MASK, (a >> 32n) ^ x3 ^ k1, a & MASK];
    k0 = (k0 + 0x9e3779b9n) & MASK;
    k1 = (k1 + 0xbb67ae85n) & MASK;
  }
  return [x0, x1, x2, x3].map(Number);
}

/** The words of a lane by number; a block is computed once for its four words in order. */
export function laneWords(key: RandomKey, lane: number): (index: number) => number {
  let current = -1;
  let words: readonly number[] = [];
  return (index) => {
    const block = index >>> 2;
    if (block !== current) {
      words = philoxBlock(key, lane, block);
      current = block;
    }
    return words[index & 3] as number;
  };
}
