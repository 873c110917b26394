import { describe, expect, it } from "vitest";
import { openStream } from "../random/streams.js";
import { bootstrapIntervals } from "./bootstrap.js";
import { compare } from "./compare.js";
import { limitIntervals } from "./limit-intervals.js";

const options = (draws: number) => ({
  draws,
  level: 0.95,
  seedStream: openStream({ seed: 0, family: "test", purpose: "sampling", epoch: 0 }),
  userStream: openStream({ seed: 0, family: "test", purpose: "sampling", epoch: 1 }),
});

const normals = (n: number, epoch: number): Float64Array => {
  const stream = openStream({ seed: 7, family: "test", purpose: "init", epoch });
  return Float64Array.from({ length: n }, () => stream.normal());
};

describe("bootstrap", () => {
  it("all pairs alike: an interval without width", () => {
    const alike = [Float64Array.of(0.25, 0.25), Float64Array.of(0.25, 0.25)];
    expect(bootstrapIntervals([alike], options(50))).toEqual([{ low: 0.25, high: 0.25 }]);
  });

  it("one seed: the interval of a mean of users, 1.96 standard errors to either side", () => {
    const values = normals(2000, 0);
    const [interval] = bootstrapIntervals([[values]], options(4000));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const error = Math.sqrt(
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length / values.length,
    );
    // The ends themselves vary by about 3 % of an error for 4,000 draws.
    expect(Math.abs((interval?.low ?? 0) - (mean - 1.96 * error))).toBeLessThan(0.15 * error);
    expect(Math.abs((interval?.high ?? 0) - (mean + 1.96 * error))).toBeLessThan(0.15 * error);
  });

  it("seeds that differ widen it, whatever the number of users", () => {
    const noise = normals(3000, 1).map((value) => value / 100);
    const shifted = [-0.3, 0, 0.3].map((shift) => noise.map((value) => value + shift));
    const [one] = bootstrapIntervals([[noise, noise, noise]], options(2000));
    const [spread] = bootstrapIntervals([shifted], options(2000));
    expect((one?.high ?? 1) - (one?.low ?? 0)).toBeLessThan(0.002);
    // 1 of 27 resamples takes the lowest seed three times, so both ends are those of one seed.
    expect(spread?.low).toBeCloseTo(-0.3, 2);
    expect(spread?.high).toBeCloseTo(0.3, 2);
  });

  it("a comparison sees the same resamples alone and in company", () => {
    const [a, b] = [
      [normals(50, 2), normals(50, 3)],
      [normals(50, 4), normals(50, 5)],
    ];
    expect(bootstrapIntervals([a, b], options(500))[1]).toEqual(bootstrapIntervals([b], options(500))[0]);
  });

  it("a user without a value is out of the means of that comparison alone", () => {
    const full = [Float64Array.of(1, 1, 1, 1)];
    const holes = [Float64Array.of(1, Number.NaN, 1, Number.NaN)];
    expect(bootstrapIntervals([holes, full], options(200))).toEqual([
      { low: 1, high: 1 },
      { low: 1, high: 1 },
    ]);
  });
});

describe("bootstrap of many users", () => {
  const limitOptions = (draws: number) => ({
    draws,
    level: 0.95,
    seedStream: openStream({ seed: 0, family: "test", purpose: "sampling", epoch: 0 }),
    normals: openStream({ seed: 0, family: "test", purpose: "sampling", epoch: 2 }),
  });
  /** Most users gain nothing, some much: skewed, as gains in NDCG are; each seed shifted by its own luck. */
  const gains = (shifts: readonly number[]) =>
    shifts.map((shift, seed) => normals(4000, 10 + seed).map((value) => (value > 1 ? value : 0) / 10 + shift));

  it.each([
    ["one seed", [0]],
    ["seeds alike", [0.001, 0, -0.001]],
    ["seeds that differ", [0.02, 0, -0.01]],
  ])("%s: ends as if every user were drawn", (_, shifts) => {
    const differences = gains(shifts);
    const [drawn] = bootstrapIntervals([differences], options(4000));
    const [limit] = limitIntervals([differences], limitOptions(4000));
    const width = (drawn?.high ?? 0) - (drawn?.low ?? 0);
    expect(width).toBeGreaterThan(0);
    // Either end varies by about 1 % of the width for 4,000 draws.
    expect(Math.abs((limit?.low ?? 0) - (drawn?.low ?? 0))).toBeLessThan(0.04 * width);
    expect(Math.abs((limit?.high ?? 0) - (drawn?.high ?? 0))).toBeLessThan(0.04 * width);
  });

  it("a user without a value under a seed counts for none", () => {
    const [a, b] = gains([0, 0]) as [Float64Array, Float64Array];
    const holes = [a.with(0, Number.NaN).with(2, 50), b.with(2, Number.NaN)];
    const without = [a, b].map((values) => values.filter((_, user) => user !== 0 && user !== 2));
    expect(limitIntervals([holes], limitOptions(500))).toEqual(limitIntervals([without], limitOptions(500)));
  });

  it("all alike: an interval without width", () => {
    const alike = [new Float64Array(20_000).fill(0.25), new Float64Array(20_000).fill(0.25)];
    expect(limitIntervals([alike], limitOptions(50))).toEqual([{ low: 0.25, high: 0.25 }]);
  });

  it("is what compare takes when users are many", () => {
    const many = normals(20_001, 20);
    const [result] = compare([[many]]);
    expect(result?.users).toBe(20_001);
    const error = 1 / Math.sqrt(20_001);
    expect((result?.interval?.high ?? 0) - (result?.interval?.low ?? 0)).toBeGreaterThan(3.7 * error);
    expect((result?.interval?.high ?? 0) - (result?.interval?.low ?? 0)).toBeLessThan(4.1 * error);
  });
});

describe("comparison", () => {
  it("by hand: two seeds, three users", () => {
    // Seed means .5, 0 and 1; their mean .5, deviation .5, error .5/√3.
    const [result] = compare([[Float64Array.of(1, 0.5, 1), Float64Array.of(0, -0.5, 1)]]);
    expect(result).toMatchObject({ users: 3, seeds: 2, difference: 0.5 });
    expect(result?.t?.statistic).toBeCloseTo(Math.sqrt(3), 12);
    expect(result?.wilcoxon).toEqual({ statistic: 3, n: 2, exact: true, p: 0.5 });
    expect(result?.interval?.low).toBeGreaterThanOrEqual(-0.5);
    expect(result?.interval?.high).toBe(1);
  });

  it("gains that cancel but for rounding are no difference", () => {
    const [result] = compare([[Float64Array.of(0.1, 0.4), Float64Array.of(0.2, 0.1), Float64Array.of(-0.3, 0.1)]]);
    expect(0.1 + 0.2 - 0.3).not.toBe(0);
    expect(result?.wilcoxon).toMatchObject({ n: 1 });
  });

  it("is the same every time", () => {
    const pairs = [[normals(40, 6), normals(40, 7)], [normals(30, 8)]];
    expect(compare(pairs)).toEqual(compare(pairs));
    expect(compare(pairs)[1]).toEqual(compare([pairs[1] ?? []])[0]);
  });

  it("no users in common", () => {
    expect(compare([[new Float64Array()]])).toEqual([
      { users: 0, seeds: 1, difference: Number.NaN, interval: null, t: null, wilcoxon: null },
    ]);
  });
});
