import type { SamplingKernels } from "@kdp/plugin-api";
import type { Guard } from "./guard.js";

export function checkedSamplers(guard: Guard, raw: SamplingKernels): SamplingKernels {
  return {
    randomWords(key, lane, n, out) {
      guard.count("randomWords", "n", n);
      guard.view("randomWords", "out", out, n);
      raw.randomWords(key, lane, n, out);
    },
    randomGumbel(key, lane, n, out) {
      guard.count("randomGumbel", "n", n);
      guard.view("randomGumbel", "out", out, n);
      raw.randomGumbel(key, lane, n, out);
    },
    sampleUnlisted(key, lane, userIds, n, offsets, listed, items, out) {
      guard.count("sampleUnlisted", "n", n);
      guard.count("sampleUnlisted", "items", items);
      guard.excluded("sampleUnlisted", userIds, n, Number.MAX_SAFE_INTEGER, offsets, listed);
      guard.view("sampleUnlisted", "out", out, n);
      raw.sampleUnlisted(key, lane, userIds, n, offsets, listed, items, out);
    },
    sampleUnlistedSets(key, userIds, n, k, offsets, listed, items, out) {
      guard.count("sampleUnlistedSets", "n", n);
      guard.count("sampleUnlistedSets", "k", k);
      guard.count("sampleUnlistedSets", "items", items);
      guard.excluded("sampleUnlistedSets", userIds, n, Number.MAX_SAFE_INTEGER, offsets, listed);
      guard.view("sampleUnlistedSets", "out", out, n * k);
      raw.sampleUnlistedSets(key, userIds, n, k, offsets, listed, items, out);
    },
    sampleByRank(key, ids, sizes, n, k, temperature, out) {
      guard.count("sampleByRank", "n", n);
      guard.count("sampleByRank", "k", k);
      if (!(temperature > 0)) throw new RangeError(`sampleByRank: temperature is ${temperature}; it must be above 0.`);
      guard.view("sampleByRank", "ids", ids, n);
      guard.view("sampleByRank", "sizes", sizes, n);
      guard.view("sampleByRank", "out", out, n * k);
      raw.sampleByRank(key, ids, sizes, n, k, temperature, out);
    },
  };
}
