import type { CatalogueFacts, MetricDefinition, UserRanks } from "@kdp/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metrics } from "./index.js";

const catalogue: CatalogueFacts = {
  users: 3,
  items: 5,
  popularity: Int32Array.of(9, 1, 1, 1, 0),
  head: Uint8Array.of(1, 0, 0, 0, 0),
};

const user = (ranks: number[], items: number[] = ranks.map((_, i) => i)): UserRanks => ({
  ranks: Float64Array.from(ranks),
  items: Int32Array.from(items),
  relevant: ranks.length,
});

const value = (metric: keyof typeof metrics, ranks: UserRanks, cutoff: number): number =>
  (metrics[metric] as MetricDefinition).perUser?.(ranks, cutoff, catalogue) as number;

describe("accuracy, by hand", () => {
  it("one held-out item at rank 3", () => {
    const at3 = user([3]);
    expect(value("hit", at3, 2)).toBe(0);
    expect(value("hit", at3, 3)).toBe(1);
    expect(value("recall", at3, 5)).toBe(1);
    expect(value("precision", at3, 5)).toBe(0.2);
    expect(value("ndcg", at3, 5)).toBeCloseTo(0.5, 15); // 1 / log2(4)
    expect(value("mrr", at3, 5)).toBe(1 / 3);
    expect(value("map", at3, 5)).toBe(1 / 3);
    for (const name of ["recall", "precision", "ndcg", "mrr", "map"] as const) expect(value(name, at3, 2)).toBe(0);
  });

  it("three held-out items at ranks 1, 4 and 9, cut-off 5", () => {
    const three = user([1, 4, 9]);
    expect(value("hit", three, 5)).toBe(1);
    expect(value("recall", three, 5)).toBeCloseTo(2 / 3, 15);
    expect(value("precision", three, 5)).toBe(0.4);
    const ideal = 1 + 1 / Math.log2(3) + 1 / 2;
    expect(value("ndcg", three, 5)).toBeCloseTo((1 + 1 / Math.log2(5)) / ideal, 15);
    expect(value("mrr", three, 5)).toBe(1);
    expect(value("map", three, 5)).toBeCloseTo((1 / 1 + 2 / 4) / 3, 15);
  });

  it("more held-out items than the cut-off: the ideal list is full", () => {
    const full = user([1, 2, 3, 4]);
    expect(value("ndcg", full, 2)).toBe(1);
    expect(value("map", full, 2)).toBe(1);
    expect(value("recall", full, 2)).toBe(0.5);
  });

  it("average ranks of ties: a hit only when the mean position is within the cut-off", () => {
    // One item above, the target tied with three others: r = 1 + 1 + 3 / 2.
    const tied = user([3.5]);
    expect(value("hit", tied, 3)).toBe(0);
    expect(value("hit", tied, 4)).toBe(1);
    expect(value("ndcg", tied, 4)).toBe(1 / Math.log2(4.5));
    expect(value("mrr", tied, 4)).toBe(1 / 3.5);
    // Two held-out items that tie with each other at the top: r = 1 + 1 / 2 for both.
    const both = user([1.5, 1.5]);
    expect(value("ndcg", both, 5)).toBeCloseTo(2 / Math.log2(2.5) / (1 + 1 / Math.log2(3)), 15);
    expect(value("map", both, 5)).toBeCloseTo((1 / 1.5 + 2 / 2) / 2, 15);
  });

  it("lies between 0 and 1, and 1 for a perfect list", () => {
    const ranks = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(ranks, fc.integer({ min: 1, max: 20 }), (list, cutoff) => {
        for (const name of ["hit", "recall", "precision", "ndcg", "mrr", "map"] as const) {
          const got = value(name, user(list.sort((a, b) => a - b)), cutoff);
          expect(got).toBeGreaterThanOrEqual(0);
          expect(got).toBeLessThanOrEqual(1);
        }
        const perfect = user(list.map((_, i) => i + 1));
        for (const name of ["hit", "ndcg", "mrr", "map"] as const)
          expect(value(name, perfect, cutoff)).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe("popularity groups", () => {
  it("count the held-out items of their group alone", () => {
    const mixed = user([1, 2, 8], [3, 0, 1]);
    expect(value("head_recall", mixed, 5)).toBe(1);
    expect(value("tail_recall", mixed, 5)).toBe(0.5);
    expect(value("head_recall", user([1], [3]), 5)).toBeNaN();
    expect(value("tail_recall", user([1], [0]), 5)).toBeNaN();
  });
});

describe("exposure, by hand", () => {
  const lists = (ids: number[], k: number) => ({ rows: ids.length / k, k, ids: Int32Array.from(ids), scores: null });
  const overall = (metric: "coverage" | "gini", ids: number[], k: number) =>
    (metrics[metric] as MetricDefinition).overall?.(lists(ids, k), k, catalogue) as number;

  it("coverage counts the items shown to anybody", () => {
    expect(overall("coverage", [0, 1, 0, 2, 0, -1], 2)).toBe(0.6);
  });

  it("gini is 0 for even and (n - 1) / n for a single item shown", () => {
    expect(overall("gini", [0, 1, 2, 3, 4], 1)).toBe(0);
    expect(overall("gini", [2, 2, 2], 1)).toBeCloseTo(0.8, 15);
    // Counts 0 0 1 1 2: Σ (2i - 6) x_i = 0·1 + 2·1 + 4·2 = 10, over 5 · 4.
    expect(overall("gini", [0, 0, 1, 2], 1)).toBeCloseTo(0.5, 15);
    expect(overall("gini", [-1, -1], 1)).toBe(0);
  });
});
