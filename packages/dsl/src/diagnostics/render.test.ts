import { describe, expect, it } from "vitest";
import type { Diagnostic } from "./diagnostic.js";
import { type Paint, renderDiagnostic, renderDiagnostics } from "./render.js";

const text = `  let kd = teacher
    -> rank(top: 100)
    -> distill(listwise, relational, on: split.train)
`;
const at = (part: string, file = "nightly.kdp", source = text) => {
  const start = source.indexOf(part);
  return { file, start, end: start + part.length };
};
const sources = new Map([
  ["nightly.kdp", "\n".repeat(24) + text],
  ["other.kdp", "stage a() = b\n"],
]);
const shifted = (part: string) => {
  const { file, start, end } = at(part);
  return { file, start: start + 24, end: end + 24 };
};

const diagnostic: Diagnostic = {
  code: "KDP2204",
  severity: "error",
  message: "`relational` needs embeddings, but a ranking carries only order",
  span: shifted("relational"),
  label: "needs view `embeddings`",
  related: [{ span: shifted("rank"), label: "the views `embeddings` and `scores` are dropped here" }],
  fixes: [{ title: "remove `-> rank(top: 100)`; `distill` ranks the teacher itself", edits: [] }],
};

describe("renderDiagnostic", () => {
  it("shows message, both places, fix and where to read more", () => {
    expect(renderDiagnostic(diagnostic, sources)).toBe(
      `error[KDP2204]: \`relational\` needs embeddings, but a ranking carries only order
  --> nightly.kdp:27:26
   |
26 |     -> rank(top: 100)
   |        ---- the views \`embeddings\` and \`scores\` are dropped here
27 |     -> distill(listwise, relational, on: split.train)
   |                          ^^^^^^^^^^ needs view \`embeddings\`
   |
   = fix: remove \`-> rank(top: 100)\`; \`distill\` ranks the teacher itself
   = see: kdp explain KDP2204`,
    );
  });

  const frameOf = (source: string, part: Partial<Diagnostic>, options = {}) =>
    renderDiagnostic(
      { code: "KDP1101", severity: "warning", message: "m", span: { file: "a", start: 0, end: 1 }, ...part },
      new Map([
        ["a", source],
        ["b", "x y\n"],
      ]),
      options,
    )
      .split("\n")
      .slice(1, -1);

  it("shows a line between two marked ones, and dots for more", () => {
    const lines = "a\nb\nc\nd\ne\nf";
    const related = [{ span: { file: "a", start: 4, end: 5 }, label: "c" }];
    expect(frameOf(lines, { related })).toEqual([
      " --> a:1:1",
      "  |",
      "1 | a",
      "  | ^",
      "2 | b",
      "3 | c",
      "  | - c",
      "  |",
    ]);
    const far = [{ span: { file: "a", start: 10, end: 11 }, label: "f" }];
    expect(frameOf(lines, { related: far })).toContain("...");
  });

  it("gives marks of one line rows of their own, from left to right", () => {
    const related = [{ span: { file: "a", start: 0, end: 3 }, label: "one" }];
    expect(frameOf("abc def", { span: { file: "a", start: 4, end: 7 }, label: "two", related })).toEqual([
      ...[" --> a:1:5", "  |", "1 | abc def", "  | --- one", "  |     ^^^ two", "  |"],
    ]);
  });

  it("frames another file by itself", () => {
    const related = [{ span: { file: "b", start: 2, end: 3 }, label: "bound here" }];
    expect(frameOf("abc", { related }).slice(-4)).toEqual(
      [" ::: b:1:3", "  |", "1 | x y", "  |   - bound here", "  |"].slice(-4),
    );
  });

  it("marks an empty stretch with one caret, also behind the end of the line", () => {
    expect(frameOf("ab\nc", { span: { file: "a", start: 2, end: 2 } }).slice(2, 4)).toEqual(["1 | ab", "  |   ^"]);
    expect(frameOf("", { span: { file: "a", start: 0, end: 0 } }).slice(2, 4)).toEqual(["1 |", "  | ^"]);
  });

  it("underlines a stretch of several lines to the end of its first", () => {
    expect(frameOf("ab cd\nef", { span: { file: "a", start: 3, end: 8 } }).slice(2, 4)).toEqual([
      "1 | ab cd",
      "  |    ^^",
    ]);
  });

  it("keeps marks under their text with tabs and wide characters", () => {
    expect(frameOf("\tab", { span: { file: "a", start: 1, end: 3 } }).slice(2, 4)).toEqual([
      "1 |     ab",
      "  |     ^^",
    ]);
    expect(frameOf("한국 ab", { span: { file: "a", start: 3, end: 5 } }).slice(2, 4)).toEqual([
      "1 | 한국 ab",
      "  |      ^^",
    ]);
    expect(frameOf("e\u0301 ab", { span: { file: "a", start: 3, end: 5 } })[3]).toBe("  |   ^^");
    expect(frameOf("😀 ab", { span: { file: "a", start: 3, end: 5 } })[3]).toBe("  |    ^^");
  });

  it("cuts a long line around what is marked", () => {
    const line = `${"a".repeat(200)}HERE${"b".repeat(200)}`;
    const [, , shown, marks] = frameOf(line, { span: { file: "a", start: 200, end: 204 } }, { lineWidth: 40 });
    expect(shown?.length).toBe(4 + 40);
    expect(shown).toMatch(/^1 \| …a+HEREb+…$/);
    expect(marks?.indexOf("^^^^")).toBe(shown?.indexOf("HERE"));
  });

  it("lets nothing through that could steer a terminal", () => {
    const rendered = renderDiagnostic(
      {
        ...diagnostic,
        message: "a \u001b[31m b",
        span: { file: "a\u0007", start: 0, end: 2 },
        related: [],
        notes: ["c\u009bd \u202e e"],
      },
      new Map([["a\u0007", "\u001b]0;title\u0007x"]]),
    );
    const steering = (code: number) =>
      (code < 0x20 && code !== 0x0a) || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e);
    expect(Array.from(rendered, (character) => character.codePointAt(0) ?? 0).filter(steering)).toEqual([]);
    expect(rendered).toContain("␛[31m");
  });

  it("says what it can about a file it does not have", () => {
    const lines = renderDiagnostic(diagnostic, new Map()).split("\n");
    expect(lines[1]).toBe(" --> nightly.kdp");
  });

  it("paints with the given functions alone", () => {
    const tag = (name: string) => (shown: string) => `<${name}>${shown}</${name}>`;
    const paint: Paint = { severity: tag("s"), related: tag("r"), strong: tag("b"), faint: tag("f") };
    const rendered = renderDiagnostic(diagnostic, sources, { paint });
    expect(rendered).toContain("<s>error[KDP2204]</s>");
    expect(rendered).toContain("<s>^^^^^^^^^^ needs view `embeddings`</s>");
    expect(rendered).toContain("<r>---- the views");
    expect(rendered.replace(/<\/?[srbf]>/g, "")).toBe(renderDiagnostic(diagnostic, sources));
  });

  it("puts a blank line between two", () => {
    expect(renderDiagnostics([diagnostic, diagnostic], sources).split("\n\n")).toHaveLength(2);
  });
});
