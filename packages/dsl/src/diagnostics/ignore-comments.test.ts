import { describe, expect, it } from "vitest";
import { parse } from "../syntax/parse.js";
import { report } from "./create-diagnostic.js";
import type { Diagnostic } from "./diagnostic.js";
import { applyIgnoreComments } from "./ignore-comments.js";
import type { Code } from "./messages.js";

/** Applies the comments of a pipeline's body to one diagnostic at `marker`. */
function applied(body: string, marker: string, code: Code = "KDP3305", complete = true) {
  const text = `kdp 1\npipeline p {\n${body}\n}\n`;
  const { ast, comments } = parse(text, "a.kdp");
  const start = text.lastIndexOf(marker);
  const span = { file: "a.kdp", start, end: start + marker.length };
  const all: Readonly<Partial<Record<Code, Diagnostic>>> = {
    KDP3305: report("KDP3305", { student: "s", size: 1, teacherSize: 1 }, span),
    KDP3301: report("KDP3301", { callee: "c", role: "test" }, span),
    KDP2206: report("KDP2206", { name: "n" }, span),
  };
  const found = applyIgnoreComments([all[code]!], { text, ast, comments }, { complete });
  return found.map((d) => `${d.code} ${d.severity} ${text.slice(d.span.start, d.span.end)}: ${d.message}`);
}

const STUDENT = "let kd = teacher\n  -> distill(listwise)\n  -> student";

describe("kdp-ignore", () => {
  it.each([
    ["on the line above", "let a = 1\n// kdp-ignore KDP3305: born again\nlet kd = student"],
    ["above the statement that spans lines", `// kdp-ignore KDP3305: born again\n${STUDENT}`],
    ["inside the statement", STUDENT.replace("  -> student", "  // kdp-ignore KDP3305: born again\n  -> student")],
    ["behind the code", `${STUDENT} // kdp-ignore KDP3305: born again`],
    ["above other comments and blank lines", `// kdp-ignore KDP3305: born again\n\n// another\n${STUDENT}`],
    ["above an annotation", `// kdp-ignore KDP3305: born again\n@run(gpu: 1)\n${STUDENT}`],
    ["with several codes", `// kdp-ignore KDP1107, KDP3305: born again\n${STUDENT}`],
    ["without spaces", `//kdp-ignore KDP3305:born again\n${STUDENT}`],
  ])("silences a warning %s", (_, body) => {
    expect(applied(body, "student", "KDP3305", false)).toEqual([]);
  });

  it.each([
    ["two lines above", `// kdp-ignore KDP3305: why\nlet a = 1\n${STUDENT}`],
    ["behind another line of the statement", STUDENT.replace("teacher", "teacher // kdp-ignore KDP3305: why")],
    ["below", `${STUDENT}\n// kdp-ignore KDP3305: why`],
    ["another code", `// kdp-ignore KDP3309: why\n${STUDENT}`],
  ])("does not silence %s, and says that it silences nothing", (_, body) => {
    const found = applied(body, "student");
    expect(found).toHaveLength(2);
    expect(found.find((line) => line.startsWith("KDP1106"))).toMatch(
      /^KDP1106 warning KDP33\d\d: this `kdp-ignore` silences nothing/,
    );
  });

  it("says nothing about an unused comment when some checks have not run", () => {
    expect(applied(`// kdp-ignore KDP3309: why\n${STUDENT}`, "student", "KDP3305", false)).toHaveLength(1);
  });

  it.each(["// kdp-ignore KDP3305", "// kdp-ignore KDP3305:", "// kdp-ignore KDP3305:  "])(
    "needs a reason: %s",
    (comment) => {
      expect(applied(`${comment}\n${STUDENT}`, "student")).toEqual([
        expect.stringMatching(/^KDP0003 warning .*`kdp-ignore KDP3305` needs a reason$/),
        expect.stringMatching(/^KDP3305 warning/),
      ]);
    },
  );

  it("needs a code, and a known one", () => {
    expect(applied(`// kdp-ignore: why\n${STUDENT}`, "student")[0]).toMatch(/needs a code and a reason$/);
    expect(applied(`// kdp-ignore toString: why\n${STUDENT}`, "student")[0]).toMatch(/there is no code toString$/);
    expect(applied(`// kdp-ignore KDP3350: why\n${STUDENT}`, "student")[0]).toMatch(
      /^KDP1106 warning KDP3350: there is no code KDP3350; did you mean KDP33\d\d\?$/,
    );
  });

  it("silences an error of judgement, but no other error", () => {
    expect(applied(`// kdp-ignore KDP3301: a sanity check\n${STUDENT}`, "student", "KDP3301")).toEqual([]);
    expect(applied(`// kdp-ignore KDP2206: why\n${STUDENT}`, "student", "KDP2206")).toEqual([
      "KDP1106 warning KDP2206: KDP2206 is an error that cannot be silenced",
      expect.stringMatching(/^KDP2206 error/),
    ]);
  });

  it("takes no notice of words that only look like it", () => {
    expect(
      applied(`// see kdp-ignore KDP3305: why\nlet s = "// kdp-ignore KDP3305: x"\n${STUDENT}`, "student"),
    ).toHaveLength(1);
  });
});
