import { expect, it } from "vitest";
import type { PerUserMetrics } from "../tables/metrics.js";
import { type ComparedSeries, columnsByUser, seedDifferences } from "./seed-differences.js";

const table = (user: readonly number[], hit: readonly number[]): PerUserMetrics => ({
  user: Int32Array.from(user),
  values: { "hit@5": Float64Array.from(hit) },
});

/** Two seeds; the taught one of the second was measured on other users, in another order. */
const tables = new Map([
  ["plain 0", table([3, 5, 8], [0.1, 0.2, 0.3])],
  ["taught 0", table([3, 5, 8], [0.5, 0.5, 0.5])],
  ["plain 1", table([3, 5, 8], [0, 1, 0])],
  ["taught 1", table([8, 4, 3], [0.25, 9, 0.75])],
]);

const pair = (...keys: readonly (readonly [taught: string | null, plain: string])[]) => ({
  metric: "hit",
  cutoff: 5,
  evaluations: keys.map(([taught, plain]) => ({ taught: { key: taught }, plain: { key: plain } })),
});
const differencesOf = (of: ComparedSeries) =>
  seedDifferences(of, columnsByUser(tables))?.map((seed) => Array.from(seed, (x) => Number(x.toFixed(9)))) ?? null;

it("are of the same user, and of the users of all evaluations", () => {
  expect(differencesOf(pair(["taught 0", "plain 0"]))).toEqual([[0.4, 0.3, 0.2]]);
  // Users 3 and 8.
  expect(differencesOf(pair(["taught 0", "plain 0"], ["taught 1", "plain 1"]))).toEqual([
    [0.4, 0.2],
    [0.75, 0.25],
  ]);
});

it("there are none without a table, a column, or a user that all have", () => {
  expect(differencesOf(pair([null, "plain 0"]))).toBeNull();
  expect(differencesOf({ ...pair(["taught 0", "plain 0"]), metric: "ndcg" })).toBeNull();
  tables.set("strange", table([99], [1]));
  expect(differencesOf(pair(["taught 0", "strange"]))).toBeNull();
});
