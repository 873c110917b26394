/**
 * A set of ids of `0 .. universe - 1` as a bitmap: adding costs a bit, listing in ascending order a sweep over
 * `universe / 32` words. A step's entities are collected this way instead of being sorted.
 */
export class IdSet {
  readonly #words: Int32Array;

  constructor(universe: number) {
    this.#words = new Int32Array((universe >>> 5) + 1);
  }

  /** Padding (-1) lies outside of the set and is not added. */
  addAll(ids: Int32Array): void {
    const words = this.#words;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      words[id >>> 5] = (words[id >>> 5] as number) | (1 << (id & 31));
    }
  }

  /** Moves the ids to `out`, ascending, and empties the set. @returns how many there were */
  drain(out: Int32Array): number {
    const words = this.#words;
    let n = 0;
    for (let w = 0; w < words.length; w++) {
      let bits = words[w] as number;
      if (bits === 0) continue;
      words[w] = 0;
      while (bits !== 0) {
        const lowest = bits & -bits;
        out[n++] = (w << 5) | (31 - Math.clz32(lowest));
        bits ^= lowest;
      }
    }
    return n;
  }
}
