import { describe, expect, it } from "vitest";
import { batches } from "./batches.js";

const pair = (metric: string, taught: string) => ({
  metric,
  evaluations: [{ taught: { key: taught }, plain: { key: "plain" } }],
});

const sizes = new Map([
  ["plain", 10],
  ["a", 10],
  ["b", 10],
  ["c", 40],
]);
const told = (limit: number, pairs: readonly ReturnType<typeof pair>[]) =>
  batches(pairs, sizes, limit).map((batch) =>
    batch.map(({ metric, evaluations }) => `${evaluations[0]?.taught.key} ${metric}`),
  );

describe("tables that are open at once", () => {
  const pairs = [pair("hit", "a"), pair("ndcg", "a"), pair("hit", "b"), pair("hit", "c"), pair("ndcg", "c")];

  it("all of them where they fit", () => {
    expect(told(70, pairs)).toEqual([["a hit", "a ndcg", "b hit", "c hit", "c ndcg"]]);
  });
  it("else those of as many students as fit, the metrics of a student together", () => {
    expect(told(30, pairs)).toEqual([
      ["a hit", "a ndcg", "b hit"],
      ["c hit", "c ndcg"],
    ]);
    expect(told(20, pairs)).toEqual([["a hit", "a ndcg"], ["b hit"], ["c hit", "c ndcg"]]);
  });
  it("one student at least, however large", () => {
    expect(told(1, pairs)).toEqual([["a hit", "a ndcg"], ["b hit"], ["c hit", "c ndcg"]]);
  });
  it("none", () => {
    expect(batches([], sizes)).toEqual([]);
  });
});
