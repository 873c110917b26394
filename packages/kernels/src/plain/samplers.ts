import type { RawPart } from "../raw-kernels.js";
import { exponential32, log32 } from "./float32.js";
import { laneWords } from "./philox.js";

type SamplerKernels = RawPart<
  "randomWords" | "randomGumbel" | "sampleUnlisted" | "sampleUnlistedSets" | "sampleByRank"
>;

/** floor(word * bound / 2^32), exactly. */
const below = (word: number, bound: number): number => Number((BigInt(word) * BigInt(bound)) >> 32n);

/** The ids of 0 .. items - 1 that are not listed, ascending. */
function unlisted(listed: Int32Array, items: number): number[] {
  const taken = new Set(listed);
  return Array.from({ length: items }, (_, item) => item).filter((item) => !taken.has(item));
}

export const plainSamplers: SamplerKernels = {
  randomWords(key, lane, n, out) {
    const word = laneWords(key, lane);
    for (let i = 0; i < n; i++) out[i] = word(i);
  },
  randomGumbel(key, lane, n, out) {
    const word = laneWords(key, lane);
    for (let i = 0; i < n; i++) out[i] = -log32(exponential32(word(i)));
  },
  sampleUnlisted(key, lane, userIds, n, offsets, listed, items, out) {
    const word = laneWords(key, lane);
    for (let r = 0; r < n; r++) {
      const u = userIds[r]!;
      const free = unlisted(listed.subarray(offsets[u]!, offsets[u + 1]!), items);
      out[r] = free.length === 0 ? -1 : free[below(word(r), free.length)]!;
    }
  },
  sampleUnlistedSets(key, userIds, n, k, offsets, listed, items, out) {
    for (let r = 0; r < n; r++) {
      const u = userIds[r]!;
      const word = laneWords(key, u);
      const free = unlisted(listed.subarray(offsets[u]!, offsets[u + 1]!), items);
      const drawn: number[] = [];
      for (let last = Math.max(0, free.length - k); last < free.length; last++) {
        const pick = below(word(drawn.length), last + 1);
        drawn.push(drawn.includes(pick) ? last : pick);
      }
      for (let c = 0; c < k; c++) out[r * k + c] = c < drawn.length ? free[drawn[c]!]! : -1;
    }
  },
  sampleByRank(key, ids, sizes, n, k, temperature, out) {
    const rate = Math.fround(1 / Math.fround(temperature));
    for (let r = 0; r < n; r++) {
      const word = laneWords(key, ids[r]!);
      const keys = Array.from({ length: sizes[r]! }, (_, p) =>
        Math.fround(log32(exponential32(word(p))) + Math.fround(p * rate)),
      );
      const chosen = Array.from(keys.keys())
        .sort((a, b) => keys[a]! - keys[b]! || a - b)
        .slice(0, k)
        .sort((a, b) => a - b);
      for (let c = 0; c < k; c++) out[r * k + c] = chosen[c] ?? -1;
    }
  },
};
