import { MESSAGES, RUNTIME_CODES } from "@kdp/dsl";
import { createColors } from "picocolors";
import { expect, it } from "vitest";
import { markdownText } from "./markdown-text.js";
import { codePage, explainedCodes, normaliseCode } from "./pages.js";

it("every code of the compiler has a page", () => {
  expect(explainedCodes()).toEqual(expect.arrayContaining(Object.keys(MESSAGES)));
});

it("every code of a run has a page", () => {
  expect(explainedCodes()).toEqual(expect.arrayContaining(Object.keys(RUNTIME_CODES)));
});

it("codes can be typed as they come", () => {
  expect(["2204", "kdp2204", " KDP2204"].map(normaliseCode)).toEqual(["KDP2204", "KDP2204", "KDP2204"]);
  expect(codePage("KDP2204")?.title.length).toBeGreaterThan(5);
  expect(codePage("KDP2299")).toBeNull();
  expect(codePage("../../../package")).toBeNull();
});

it("a page on a terminal has no marks of Markdown", () => {
  const text = markdownText(
    "# A *b*\n\nuse `x` and **y** ([z](http://q))\n\n```kdp\nlet a = 1 * 2\n```\n",
    createColors(false),
  );
  expect(text).toBe("A b\n\nuse `x` and y (z (http://q))\n\n    let a = 1 * 2\n");
});
