import { expect, it } from "vitest";
import { Xoshiro } from "./xoshiro.js";

it("gives the published sequence", () => {
  const stream = new Xoshiro([1, 2, 3, 4]);
  // The first words of the authors' C code, worked out again in Python.
  expect(Array.from({ length: 10 }, () => stream.word())).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

it("numbers below a bound are even, and reach both ends", () => {
  const stream = new Xoshiro([5, 6, 7, 8]);
  const counts = new Int32Array(7);
  for (let i = 0; i < 70_000; i++) {
    const value = stream.below(7);
    counts[value] = (counts[value] as number) + 1;
  }
  // Six degrees of freedom: 22.5 is passed once in a thousand times.
  expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(22.5);
});

it("refuses the state that it cannot leave", () => {
  expect(() => new Xoshiro([0, 0, 0, 0])).toThrow(RangeError);
});
