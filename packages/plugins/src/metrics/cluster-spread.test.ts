import type { CatalogueFacts, UserRanks } from "@kdp/plugin-api";
import { describe, expect, it } from "vitest";
import { clusterStd } from "./cluster-spread.js";

const catalogue: CatalogueFacts = {
  users: 4,
  items: 9,
  popularity: new Int32Array(9),
  head: new Uint8Array(9),
};
const at = (rank: number): UserRanks => ({ ranks: Float64Array.of(rank), items: Int32Array.of(0), relevant: 1 });
const spread = (clusters: readonly (readonly UserRanks[])[], cutoff = 5) =>
  clusterStd.perCluster?.(clusters, cutoff, catalogue) as number;

describe("cluster_std, by hand", () => {
  it("is the deviation of the clusters' means, each cluster counting once", () => {
    // NDCG 1 at rank 1, ½ at rank 3, 0 beyond the cut-off: means 1, ¼ and ½, their mean 7/12.
    const clusters = [[at(1)], [at(3), at(9)], [at(3)]];
    const [a, b, c] = [1 - 7 / 12, 1 / 4 - 7 / 12, 1 / 2 - 7 / 12];
    expect(spread(clusters)).toBeCloseTo(Math.sqrt((a * a + b * b + c * c) / 2), 14);
  });

  it("is 0 when all are served alike, and nothing for a single cluster", () => {
    expect(spread([[at(2)], [at(2), at(2)]])).toBe(0);
    expect(spread([[at(2)]])).toBeNaN();
    expect(spread([])).toBeNaN();
  });
});
