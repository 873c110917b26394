import { expect, it } from "vitest";
import { scoreDecimals, topItems } from "./top-items.js";

const matrix = (rows: readonly (readonly number[])[]) => ({
  rows: rows.length,
  cols: rows[0]?.length ?? 0,
  values: Float32Array.from(rows.flat()),
});
const model = {
  user: matrix([
    [1, 0],
    [0, 2],
  ]),
  item: matrix([
    [3, 1],
    [5, 0],
    [5, 0],
    [-1, 4],
  ]),
  itemIds: ["a", "b", "c", "d"],
};

it("ranks by inner product, ties in the order of the catalogue", () => {
  expect(topItems(model, 0, 3, new Set())).toEqual([
    { item: "b", score: 5 },
    { item: "c", score: 5 },
    { item: "a", score: 3 },
  ]);
  expect(topItems(model, 1, 10, new Set()).map(({ item }) => item)).toEqual(["d", "a", "b", "c"]);
});

it("leaves out what the user knows", () => {
  expect(topItems(model, 0, 2, new Set([1])).map(({ item }) => item)).toEqual(["c", "a"]);
  expect(topItems(model, 0, 2, new Set([0, 1, 2, 3]))).toEqual([]);
});

it.each([
  [[12.5, -3], 4],
  [[0.00012345, 0.00001], 7],
  [[-0.000002], 9],
  [[0], 4],
  [[], 4],
])("scores %j are shown with %i decimals", (scores, decimals) => {
  expect(scoreDecimals(scores.map((score) => ({ item: "a", score })))).toBe(decimals);
});
