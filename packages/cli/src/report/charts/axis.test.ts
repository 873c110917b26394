import { describe, expect, it } from "vitest";
import { axis, compact, powerTicks } from "./axis.js";

describe("an axis", () => {
  it("places values between its ends, with air", () => {
    const y = axis([0, 10], 20, [100, 0], 0.05);
    expect(y.type).toBe("linear");
    expect(y.domain).toEqual([-0.5, 10.5]);
    expect(y.place(5)).toBeCloseTo(50);
  });
  it("turns to powers where values are far apart and positive", () => {
    const y = axis([0.1, 1000], 20, [0, 40], 0);
    expect(y.type).toBe("log");
    expect(y.place(10)).toBeCloseTo(20);
    expect(axis([0, 1000], 20, [0, 40], 0).type).toBe("linear");
  });
  it("has a length even for equal values", () => {
    const y = axis([3, 3], 20, [10, 0], 0.05);
    expect(y.domain[0]).toBeLessThan(3);
    expect(y.domain[1]).toBeGreaterThan(3);
    expect(axis([0, 0], 20, [10, 0], 0.05).domain).toEqual([-1, 1]);
  });
});

it("ticks of powers are few, and never fewer than two over a factor of ten", () => {
  const between = (low: number, high: number) => powerTicks(axis([low, high], 2, [0, 1], 0));
  expect(between(0.02, 200).map(compact)).toEqual(["0.1", "1", "10", "100"]);
  expect(between(0.03, 0.8).map(compact)).toEqual(["0.05", "0.1", "0.2", "0.5"]);
  expect(between(1e-9, 1e9).length).toBeLessThanOrEqual(10);
});

it.each([
  [65_040, "65k"],
  [820_000, "820k"],
  [999_600, "1M"],
  [133, "133"],
  [0.0421, "0.042"],
])("%s reads %s", (value, text) => {
  expect(compact(value)).toBe(text);
});
