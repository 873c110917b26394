import { describe, expect, it } from "vitest";
import { applyFixes } from "./apply-fixes.js";
import type { Fix } from "./diagnostic.js";

const edit = (start: number, end: number, text: string, file = "a") => ({ span: { file, start, end }, text });
const fix = (title: string, ...edits: Fix["edits"]): Fix => ({ title, edits });
const sources = new Map([
  ["a", "let x = 1"],
  ["b", "let y = 2"],
]);

describe("applyFixes", () => {
  it("applies edits of several fixes and files, in any order", () => {
    const one = fix("one", edit(8, 9, "3"), edit(0, 3, "param"));
    const two = fix("two", edit(4, 5, "z", "b"), edit(4, 4, "q", "a"));
    const result = applyFixes(sources, [one, two]);
    expect(Object.fromEntries(result.sources)).toEqual({ a: "param qx = 3", b: "let z = 2" });
    expect(result.applied).toEqual([one, two]);
    expect(sources.get("a")).toBe("let x = 1");
  });

  it("lets the earlier of two that touch one place win, and takes none of the other's edits", () => {
    const one = fix("one", edit(0, 3, "param"));
    const two = fix("two", edit(2, 5, "!"), edit(8, 9, "9"));
    const result = applyFixes(sources, [one, two]);
    expect(result.sources.get("a")).toBe("param x = 1");
    expect(result.skipped).toEqual([two]);
  });

  it("does not guess the order of two insertions at one point", () => {
    const result = applyFixes(sources, [fix("one", edit(9, 9, ")")), fix("two", edit(9, 9, "]"))]);
    expect(result.sources.get("a")).toBe("let x = 1)");
    expect(result.skipped.map(({ title }) => title)).toEqual(["two"]);
  });

  it("takes neighbours that only meet", () => {
    const result = applyFixes(sources, [fix("one", edit(0, 3, "a")), fix("two", edit(3, 5, "b"))]);
    expect(result.sources.get("a")).toBe("ab = 1");
  });

  it("skips what cannot be applied: no such file, outside the text, nothing to do", () => {
    const wrong = [fix("file", edit(0, 1, "", "c")), fix("outside", edit(0, 99, "")), fix("empty")];
    const result = applyFixes(sources, wrong);
    expect(result.skipped).toEqual(wrong);
    expect(Object.fromEntries(result.sources)).toEqual(Object.fromEntries(sources));
  });
});
