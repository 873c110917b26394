import type { RandomKey } from "@kdp/plugin-api";
import type { RawPart } from "../raw-kernels.js";
import { at, type WasmHost } from "./host.js";
import { listCapacity, rankSampleScratch, WORDS_SCRATCH } from "./scratch-sizes.js";

type SamplerKernels = RawPart<
  "randomWords" | "randomGumbel" | "sampleUnlisted" | "sampleUnlistedSets" | "sampleByRank"
>;

export function wasmSamplers({ exports, scratch }: WasmHost): SamplerKernels {
  const words = ({ key, nonce }: RandomKey) => [key[0], key[1], nonce[0], nonce[1]] as const;
  return {
    randomWords: (key, lane, n, out) =>
      void exports.randomWords(...words(key), lane, n, at(out), scratch(WORDS_SCRATCH)),
    randomGumbel: (key, lane, n, out) =>
      void exports.randomGumbel(...words(key), lane, n, at(out), scratch(WORDS_SCRATCH)),
    sampleUnlisted(key, lane, userIds, n, offsets, listed, items, out) {
      const room = scratch(WORDS_SCRATCH);
      exports.sampleUnlisted(...words(key), lane, at(userIds), n, at(offsets), at(listed), items, at(out), room);
    },
    sampleUnlistedSets(key, userIds, n, k, offsets, listed, items, out) {
      const room = scratch(WORDS_SCRATCH);
      exports.sampleUnlistedSets(...words(key), at(userIds), n, k, at(offsets), at(listed), items, at(out), room);
    },
    sampleByRank(key, ids, sizes, n, k, temperature, out) {
      const capacity = listCapacity(Number.POSITIVE_INFINITY, k);
      const room = scratch(rankSampleScratch(capacity, k));
      exports.sampleByRank(...words(key), at(ids), at(sizes), n, k, temperature, at(out), capacity, room);
    },
  };
}
