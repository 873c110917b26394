import type { RankingTable } from "@kdp/plugin-api";
import { describe, expect, it } from "vitest";
import { golden } from "../../../test/golden.js";
import { snapshotImportance } from "./snapshot-importance.js";

/** Two snapshots of one user: `a` ranks item 0 at place `first`, `b` at place `second`; other places hold other items. */
function pair(first: number, second: number, k: number): readonly RankingTable[] {
  const at = (place: number, others: number): RankingTable => ({
    rows: 1,
    k,
    ids: Int32Array.from({ length: k }, (_, r) => (r === place ? 0 : others + r)),
    scores: null,
  });
  return [at(first, 1), at(second, 1 + k)];
}

const options = { items: 500, depth: 100, rankScale: 10, spreadScale: 100, consistency: true };

describe("snapshotImportance", () => {
  it("adds rank and consistency: ranks 1 and 5 spread by 2", () => {
    const [a, b] = snapshotImportance(pair(1, 5, 10), options);
    // Number of the released code of ConCF for rank 1, spread 2.
    expect(a?.[1]).toBeCloseTo(1.8850360913427149, 6);
    expect(b?.[5]).toBeCloseTo(Math.exp(-0.5) + Math.exp(-0.02), 6);
    // Listed once: ranks 0 and 10 (behind the list) spread by 5.
    expect(a?.[0]).toBeCloseTo(1 + Math.exp(-0.05), 6);
    const [plain] = snapshotImportance(pair(1, 5, 10), { ...options, consistency: false });
    expect(plain?.[1]).toBeCloseTo(Math.exp(-0.1), 6);
  });

  it("gives nothing beyond the depth", () => {
    const [a] = snapshotImportance(pair(1, 5, 10), { ...options, depth: 4 });
    expect([...(a ?? [])].slice(4)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("agrees with ConCF's code where ranks can spread that much", () => {
    const { rank, std, imp } = golden.concf_importance;
    let compared = 0;
    rank.flat().forEach((r, i) => {
      const spread = std.flat()[i] as number;
      // Two ranks r and r + 2 s have the deviation s.
      if (r >= 100 || !Number.isInteger(2 * spread) || r + 2 * spread >= 100) return;
      const [a] = snapshotImportance(pair(r, r + 2 * spread, 100), options);
      expect(a?.[r]).toBeCloseTo(imp.flat()[i] as number, 6);
      compared++;
    });
    expect(compared).toBeGreaterThan(3);
  });
});
