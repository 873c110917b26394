/**
 * Samplers; part of `Kernels`. All take their words from Philox4x32-10 (Salmon et al. 2011): block b of a lane is the
 * image of the counter (b, lane, nonce[0], nonce[1]) under the key, as in the streams of the runtime. The same key gives
 * the same numbers on every implementation, to the bit.
 */
export interface SamplingKernels {
  /** The first `n` words of a lane, as signed numbers. */
  randomWords(key: RandomKey, lane: number, n: number, out: Int32Array): void;
  /** `n` standard Gumbel numbers, -log(-log U), from the words of a lane. */
  randomGumbel(key: RandomKey, lane: number, n: number, out: Float32Array): void;
  /**
   * Uniform negatives: for each row one item that is not listed for user `userIds[r]` (CSR by user id, ascending and
   * distinct), -1 where all are. Row r uses word r of the lane. Probabilities are equal to within items / 2^32.
   */
  sampleUnlisted(
    key: RandomKey,
    lane: number,
    userIds: Int32Array,
    n: number,
    offsets: Int32Array,
    listed: Int32Array,
    items: number,
    out: Int32Array,
  ): void;
  /**
   * For each row `k` distinct items that are not listed for its user, every set equally likely, in no order; -1 where fewer
   * are left. `out` `[n, k]`. The row of user u uses lane u, so that it does not depend on the other rows.
   */
  sampleUnlistedSets(
    key: RandomKey,
    userIds: Int32Array,
    n: number,
    k: number,
    offsets: Int32Array,
    listed: Int32Array,
    items: number,
    out: Int32Array,
  ): void;
  /**
   * For each row `k` distinct positions of 0 .. `sizes[r]` - 1, drawn without replacement with probability ∝
   * e^(-position / temperature), in ascending order; -1 where the pool is smaller. `out` `[n, k]`. Row r uses lane `ids[r]`.
   */
  sampleByRank(
    key: RandomKey,
    ids: Int32Array,
    sizes: Int32Array,
    n: number,
    k: number,
    temperature: number,
    out: Int32Array,
  ): void;
}

/** What names a stream of random words: 64 bits of key, 64 bits of nonce; words are taken as 32 bits, signed or not. */
export interface RandomKey {
  readonly key: readonly [number, number];
  readonly nonce: readonly [number, number];
}
