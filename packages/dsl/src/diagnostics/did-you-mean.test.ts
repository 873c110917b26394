import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { didYouMean, editDistance, suggestions } from "./did-you-mean.js";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["abc", "", 3],
    ["kitten", "sitting", 3],
    ["bprfm", "bprmf", 1],
    ["parm", "param", 1],
    ["ca", "abc", 3],
  ])("%s to %s is %i", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("is symmetric, zero only for equal words, and at most the longer length", () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe("didYouMean", () => {
  it("allows a third of the word, but at least one edit", () => {
    expect(didYouMean("dim", ["dims", "rim", "dxyz"])).toBe("dims");
    expect(didYouMean("listwize", ["listwise"])).toBe("listwise");
    expect(didYouMean("lstwz", ["listwise"])).toBeNull();
    expect(didYouMean("relatoinl", ["relational", "rrd"])).toBe("relational");
  });

  it("puts the better fit before the smaller distance", () => {
    const candidates = [
      { name: "rank", rank: 1 },
      { name: "ranks", rank: 0 },
    ];
    expect(suggestions("rankk", candidates)).toEqual(["ranks", "rank"]);
  });

  it("knows a name by its first or last part, before another that is one letter off", () => {
    expect(suggestions("gpu", ["auto", "cpu", "tensorflow", "webgpu"])).toEqual(["webgpu", "cpu"]);
    expect(suggestions("lay", ["layers", "delayed"])).toEqual(["layers"]);
    expect(suggestions("ne", ["neumf"])).toEqual([]);
  });

  it("prefers the right case and never suggests the word itself", () => {
    expect(suggestions("seed", ["Seed", "seed", "sead"])).toEqual(["Seed", "sead"]);
    expect(didYouMean("BPRMF", ["bprmf"])).toBe("bprmf");
  });

  it("suggests nothing for a letter that shares nothing with the candidate", () => {
    expect(didYouMean("x", ["y", "k"])).toBeNull();
    expect(didYouMean("ab", ["ba", "cd"])).toBe("ba");
  });
});
