import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holm } from "./holm.js";
import { pairedT } from "./paired-t.js";
import { incompleteBeta, logGamma, normalTail, studentTwoSided } from "./special-functions.js";
import { signedRank } from "./wilcoxon.js";

// References: scipy 1.17.1 (norm.sf, t.sf, gammaln, betainc, ttest_1samp, wilcoxon).

const close = (value: number, reference: number, relative = 1e-12): void =>
  expect(Math.abs(value - reference)).toBeLessThanOrEqual(relative * Math.abs(reference));

describe("distributions", () => {
  it.each([
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1, 0.15865525393145707],
    [1.5, 0.06680720126885807],
    [1.96, 0.024997895148220435],
    [3, 0.0013498980316300933],
    [6, 9.865876450376946e-10],
    [10, 7.61985302416047e-24],
    [37, 5.7255712225239266e-300],
  ])("normal tail beyond %d", (z, tail) => {
    close(normalTail(z), tail);
    close(normalTail(-z), 1 - tail);
  });

  it.each([
    [0.5, 1, 0.7048327646991335],
    [2, 4, 0.11611652351681556],
    [-2.776445105, 4, 0.05000000001011946],
    [1.96, 5218, 0.05004893500506325],
    [8, 5218, 1.5207336653699822e-15],
    [30, 5218, 1.4550790390988953e-182],
    [0.001, 10, 0.999221783374741],
  ])("Student's t: |%d| with %d degrees", (t, degrees, p) => close(studentTwoSided(t, degrees), p, 1e-9));

  it.each([
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247],
    [3.7, 1.428072326665388],
    [100, 359.1342053695754],
    [2609.5, 17916.197364484568],
  ])("ln Γ(%d)", (x, value) => close(logGamma(x), value));

  it.each([
    [0.5, 0.5, 0.3, 0.36901011956554536],
    [2, 3, 0.9, 0.9963],
    [2609, 0.5, 0.999, 0.022327131566866987],
    [5, 5, 0.5, 0.5],
    [5, 5, 0, 0],
    [5, 5, 1, 1],
  ])("I(%d, %d) at %d", (a, b, x, value) => close(incompleteBeta(x, a, b), value, 1e-10));
});

/** Hollander and Wolfe's depression scale factors, as in R's help page of wilcox.test. */
const DEPRESSION = [0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01];
/** 80 differences with many ties and three zeros. */
const TIED = Array.from({ length: 80 }, (_, i) => (((i * 7919) % 23) - 9) / 8);

describe("paired t", () => {
  it("agrees with the reference", () => {
    const test = pairedT(DEPRESSION);
    close(test?.statistic ?? 0, 3.035375415648591);
    close(test?.p ?? 0, 0.016176627434908098, 1e-10);
    expect(test?.degrees).toBe(8);
    close(pairedT(TIED)?.p ?? 0, 0.016189978508267717, 1e-10);
  });

  it("by hand: 1, 2, 3 have mean 2 and error 1/√3", () => {
    close(pairedT([1, 2, 3])?.statistic ?? 0, 2 * Math.sqrt(3));
  });

  it("without spread, and without enough values", () => {
    expect(pairedT([0, 0, 0])).toEqual({ statistic: 0, degrees: 2, p: 1 });
    expect(pairedT([0.5, 0.5])).toEqual({ statistic: null, degrees: 1, p: 0 });
    expect(pairedT([1])).toBeNull();
  });
});

describe("signed rank", () => {
  it("exact, without ties, agrees with the reference", () => {
    expect(signedRank(DEPRESSION)).toEqual({ statistic: 40, n: 9, exact: true, p: 0.0390625 });
  });

  it("exact with ties: all signs of these mean ranks", () => {
    // Sizes 1 1 1 2 2 2 3 4 have the mean ranks 2 2 2 5 5 5 7 8; counted over the 256 signs by the reference.
    expect(signedRank([1, 1, -1, 2, 2, 2, -3, 4, 0, 0])).toEqual({ statistic: 27, n: 8, exact: true, p: 0.265625 });
  });

  it("by hand: three gains and no loss have 2 of 8 signs as extreme", () => {
    expect(signedRank([0.1, 0.2, 0.3])).toEqual({ statistic: 6, n: 3, exact: true, p: 0.25 });
  });

  it("the normal approximation with both corrections agrees with the reference", () => {
    const test = signedRank(TIED);
    expect(test).toMatchObject({ statistic: 1954.5, n: 77, exact: false });
    close(test?.p ?? 0, 0.02147362513978188, 1e-10);
  });

  it("nothing but zeros is no test", () => expect(signedRank([0, 0])).toBeNull());

  it("the signs turned give the same p", () => {
    const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 90 });
    fc.assert(
      fc.property(values, (list) => {
        const one = signedRank(list);
        const other = signedRank(list.map((value) => -value));
        expect(other?.p).toBe(one?.p);
      }),
    );
  });
});

describe("Holm", () => {
  it("steps down, in the order given", () => {
    // Sorted .005 .01 .03 .04 times 4 3 2 1: .02 .03 .06 .04, and none below the one before.
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((value, i) => {
      close(adjusted[i] as number, value);
    });
  });

  it("never leaves 1, and leaves out what was no test", () => {
    expect(holm([0.9, Number.NaN, 0.6])).toEqual([1, Number.NaN, 1]);
    expect(holm([])).toEqual([]);
  });
});
