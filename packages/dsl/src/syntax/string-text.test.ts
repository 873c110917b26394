import fc from "fast-check";
import { expect, it } from "vitest";
import { badEscapes, quoteString, stringValue } from "./string-text.js";

it("a value survives being written and read", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 20 }), (value) => {
      const image = quoteString(value);
      expect(stringValue(image)).toBe(value);
      expect(badEscapes(image)).toEqual([]);
    }),
  );
});

it.each([
  ['"a\\u00e9b"', "aéb"],
  ['"open', "open"],
  ['"open\\"', 'open"'],
  ["'single'", "single"],
  ["\u201ctypographic\u201d", "typographic"],
  ['"C:\\data"', "C:\\data"],
  ['""', ""],
])("%s is %s", (image, value) => {
  expect(stringValue(image)).toBe(value);
});

it("names the escapes that are none", () => {
  expect(badEscapes('"\\q \\n \\\\ \\u12 \\"')).toEqual([
    { offset: 1, text: "\\q" },
    { offset: 10, text: "\\u" },
  ]);
});
