import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dotInOrder } from "./dot-in-order.js";
import { scoreErrors } from "./score-errors.js";

const word = new DataView(new ArrayBuffer(4));

/** The float32 next to the rounded one, towards `towards`: as far as WGSL lets a device round. */
function rounded(x: number, towards: number): number {
  const nearest = Math.fround(x);
  if (nearest === x || nearest > x === towards > 0) return nearest;
  word.setFloat32(0, nearest);
  const bits = word.getInt32(0);
  if (nearest === 0) return Math.abs(x) < 2 ** -126 ? 0 : nearest;
  word.setInt32(0, bits + (nearest > 0 === towards > 0 ? 1 : -1));
  return word.getFloat32(0);
}

/** Sums from the end, in pairs, each operation rounded one way: an order and a rounding that no CPU has. */
function elsewhere(a: Float32Array, b: Float32Array, towards: number): number {
  let terms = Array.from(a, (x, c) => rounded(x * (b[c] as number), towards)).reverse();
  while (terms.length > 1) {
    terms = Array.from({ length: Math.ceil(terms.length / 2) }, (_, i) =>
      rounded((terms[2 * i] as number) + (terms[2 * i + 1] ?? 0), towards),
    );
  }
  return terms[0] ?? 0;
}

const factor = fc.float({ min: -8, max: 8, noNaN: true });

describe("the error of a score", () => {
  it("is at least what order and rounding of a sum make of it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(factor, factor), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(-1, 1),
        fc.constantFrom(1, 1e-18, 1e15),
        (pairs, towards, scale) => {
          const user = Float32Array.from(pairs, ([x]) => x * scale);
          const item = Float32Array.from(pairs, ([, y]) => y * scale);
          const error = scoreErrors(user, item, pairs.length, 1, Int32Array.of(0))?.(0) ?? Number.NaN;
          const gap = Math.abs(elsewhere(user, item, towards) - dotInOrder(user, 0, item, 0, pairs.length));
          expect(gap).toBeLessThanOrEqual(error);
        },
      ),
    );
  });

  it("is small beside the scores: a few units of the last place a column", () => {
    const ones = new Float32Array(100).fill(1);
    expect(scoreErrors(ones, ones, 100, 1, Int32Array.of(0))?.(0)).toBeLessThan(100 * 500 * 2 ** -24);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e20])("is not known of tables with %d", (bad) => {
    const user = Float32Array.of(bad, 1, 2, 3);
    const item = Float32Array.of(bad, 1);
    expect(scoreErrors(user, item, 2, 1, Int32Array.of(0, 1))).toBeNull();
    // Of users that are not ranked nothing is asked.
    expect(scoreErrors(user, Float32Array.of(1, 1), 2, 1, Int32Array.of(1))).not.toBeNull();
  });
});
