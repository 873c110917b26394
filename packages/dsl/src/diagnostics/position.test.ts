import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLineIndex } from "./position.js";

describe("createLineIndex", () => {
  it("counts lines and UTF-16 columns from 1", () => {
    const index = createLineIndex("ab\n😀c\r\n\rd");
    expect(index.lineCount).toBe(4);
    expect([0, 2, 3, 5, 6, 8, 9].map((offset) => index.positionAt(offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 2, column: 3 },
      { line: 2, column: 4 },
      { line: 3, column: 1 },
      { line: 4, column: 1 },
    ]);
    expect([1, 2, 3, 4, 5].map((line) => index.textOf(line))).toEqual(["ab", "😀c", "", "d", ""]);
  });

  it("moves offsets outside the text to its ends", () => {
    const index = createLineIndex("ab\n");
    expect(index.positionAt(-5)).toEqual({ line: 1, column: 1 });
    expect(index.positionAt(99)).toEqual({ line: 2, column: 1 });
  });

  it("agrees with counting line ends one by one", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "\n", "\r", "\r\n", "é"), maxLength: 30 });
    fc.assert(
      fc.property(text, fc.nat({ max: 40 }), (source, at) => {
        const offset = Math.min(at, source.length);
        const before = source.slice(0, offset);
        // Between the two halves of CRLF the line has not ended yet.
        const halves = before.endsWith("\r") && source[offset] === "\n" ? before.slice(0, -1) : before;
        const lines = halves.split(/\r\n|\n|\r/);
        const column = (lines.at(-1)?.length ?? 0) + 1 + (before.length - halves.length);
        expect(createLineIndex(source).positionAt(offset)).toEqual({ line: lines.length, column });
      }),
    );
  });
});
