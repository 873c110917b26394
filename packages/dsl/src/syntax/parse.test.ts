import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Expr, Let, Statement } from "./ast.js";
import { parse } from "./parse.js";

const FIXTURES = new URL("../../test/fixtures/", import.meta.url).pathname;

const statementsOf = (body: string): readonly Statement[] => {
  const { ast, diagnostics } = parse(`kdp 1\npipeline p {\n${body}\n}\n`, "a.kdp");
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  return ast.pipelines[0]?.statements ?? [];
};

const exprOf = (text: string): Expr => (statementsOf(`let x = ${text}`)[0] as Let).value;

/** An expression with all its brackets written out: shows how it was grouped. */
function shape(expr: Expr): string {
  switch (expr.kind) {
    case "chain":
      return `(${shape(expr.left)} ->${expr.each ? " each" : ""} ${shape(expr.right)})`;
    case "binary":
      return `(${shape(expr.left)} ${expr.op} ${shape(expr.right)})`;
    case "unary":
      return `(${expr.op}${shape(expr.operand)})`;
    case "member":
      return `${shape(expr.object)}.${"kind" in expr.member ? `${expr.member.metric}@${expr.member.cutoff}` : expr.member.text}`;
    case "call":
      return `${shape(expr.callee)}(${expr.args.map(argShape).join(", ")})`;
    case "list":
      return `[${expr.elements.map(argShape).join(", ")}]`;
    case "name":
      return expr.name.text;
    case "metric":
      return `${expr.metric}@${expr.cutoff}`;
    case "number":
    case "duration":
    case "bytes":
      return expr.text;
    case "string":
      return JSON.stringify(expr.value);
    case "bool":
      return String(expr.value);
    case "list-literal":
      return `[${expr.items.map(shape).join(", ")}]`;
    case "missing":
      return "?";
  }
}

const argShape = ({
  label,
  value,
  over,
}: {
  label: { text: string } | null;
  value: Expr;
  over: readonly { text: string }[] | null;
}) =>
  `${label ? `${label.text}: ` : ""}${shape(value)}${over ? ` over ${over.map(({ text }) => text).join("+")}` : ""}`;

describe("parse", () => {
  it.each(["rrd", "hetero", "teachers", "ci"])("reads the example %s without a word", (name) => {
    const text = readFileSync(`${FIXTURES}${name}.kdp`, "utf8");
    const { ast, diagnostics } = parse(text, `${name}.kdp`);
    expect(diagnostics).toEqual([]);
    expect(ast.version).toMatchObject({ value: 1 });
    expect(ast.span).toEqual({ file: `${name}.kdp`, start: 0, end: text.length });
  });

  it.each([
    ["a -> b -> c", "((a -> b) -> c)"],
    ["a -> each b -> c", "((a -> each b) -> c)"],
    ["a -> [f, x: g]", "(a -> [f, x: g])"],
    ["a -> (b -> c)", "(a -> (b -> c))"],
    ["1 + 2 * 3 - 4 / 5", "((1 + (2 * 3)) - (4 / 5))"],
    ["1 - 2 - 3", "((1 - 2) - 3)"],
    ["(1 + 2) * -3", "((1 + 2) * (-3))"],
    ["a.b.ndcg@10", "a.b.ndcg@10"],
    ["f(x, y: 1)(z).w", "f(x, y: 1)(z).w"],
    ["mean(a over s, b over [s, d])", "mean(a over s, b over s+d)"],
    ["[1, [2, 3],]", "[1, [2, 3]]"],
    ['f(30m, 16GB, 1e-3, true, "a\\nb")', 'f(30m, 16GB, 1e-3, true, "a\\nb")'],
    ["topo.hierarchical(groups: 30)", "topo.hierarchical(groups: 30)"],
  ])("groups %s", (text, grouped) => {
    expect(shape(exprOf(text))).toBe(grouped);
  });

  it("takes every keyword as a name after `.` and before `:`", () => {
    const words =
      "kdp use import stage pipeline param matrix let expect export as from in each over else exclude true".split(" ");
    for (const word of words) {
      expect(shape(exprOf(`a.${word}`))).toBe(`a.${word}`);
      expect(shape(exprOf(`f(${word}: 1,\n${word}: 2)`))).toBe(`f(${word}: 1, ${word}: 2)`);
      expect(statementsOf(`param ${word}: int = 1\nmatrix { ${word}: [1] }`)).toMatchObject([
        { kind: "param", name: { text: word } },
        { kind: "matrix", axes: [{ name: { text: word } }] },
      ]);
    }
  });

  it("takes words with a meaning in one place as names everywhere else", () => {
    for (const word of ["as", "from", "in", "over", "else", "exclude", "each", "warn"]) {
      expect(shape(exprOf(`${word} -> f(${word}, ${word}(1))`))).toBe(`(${word} -> f(${word}, ${word}(1)))`);
      expect(statementsOf(`let ${word} = 1\nexport ${word} = ${word}`)).toHaveLength(2);
    }
    expect(shape(exprOf("a -> each(b)"))).toBe("(a -> each(b))");
    expect(shape(exprOf("a -> each each"))).toBe("(a -> each each)");
    expect(shape(exprOf("mean(over over over)"))).toBe("mean(over over over)");
  });

  it("takes names that are nearly keywords as names, also at the start of a line", () => {
    for (const word of [
      "us",
      "uses",
      "lett",
      "pram",
      "matrx",
      "stages",
      "expects",
      "exports",
      "imports",
      "pipelines",
      "kdp2",
    ]) {
      expect(
        statementsOf(
          `let ${word} =\n  ${word}\n  -> ${word}\nexpect ${word}.a >\n  ${word} "text"\nlet z =\n${word}.b`,
        ),
      ).toHaveLength(3);
    }
  });

  it("reads a gate with message and `else` in either order", () => {
    const gates = statementsOf('expect a.b > 0.9 * c "m" else warn\nexpect a <= 4MB else fail "n"\nexpect a != b');
    expect(gates).toMatchObject([
      { op: ">", onFailure: "warn", message: "m" },
      { op: "<=", onFailure: "fail", message: "n" },
      { op: "!=", onFailure: "fail", message: null },
    ]);
  });

  it("reads params, axes and excludes", () => {
    const [param, union, matrix] = statementsOf(
      'param d: int = -3 in -5..5\nparam b: "x" | "y" | path[] = "x"\nmatrix { a: [1, -2]\n b: ["x"], exclude { a: 1, b: "x" } }',
    );
    expect(param).toMatchObject({ default: { value: -3 }, range: { low: { value: -5 }, high: { value: 5 } } });
    expect(union).toMatchObject({
      type: { alternatives: [{ value: "x" }, { value: "y" }, { name: { text: "path" }, list: true }] },
    });
    expect(matrix).toMatchObject({
      axes: [{ values: { items: [{ value: 1 }, { value: -2 }] } }, { values: { items: [{ value: "x" }] } }],
      excludes: [{ entries: [{ name: { text: "a" }, value: { value: 1 } }, { name: { text: "b" } }] }],
    });
  });

  it("keeps doc comments with what they are about, annotations included", () => {
    const text =
      "kdp 1\n/// P one\n/// P two\npipeline p {\n  // no doc\n  let a = 1 /// of b\n  /// also of b\n  @run(gpu: 1)\n  let b = 2\n}\n";
    const { ast, comments } = parse(text, "a.kdp");
    expect(ast.pipelines[0]?.doc).toBe("P one\nP two");
    expect(ast.pipelines[0]?.statements).toMatchObject([
      { doc: null },
      { doc: "of b\nalso of b", annotations: [{ name: { text: "run" }, args: [{ label: { text: "gpu" } }] }] },
    ]);
    expect(comments.map(({ text: comment, doc }) => [comment, doc])).toEqual([
      ["/// P one", true],
      ["/// P two", true],
      ["// no doc", false],
      ["/// of b", true],
      ["/// also of b", true],
    ]);
  });

  it("gives every part the place where it stands", () => {
    const text = "kdp 1\npipeline p {\n  let kd = (a -> f(x: 1)) -> g\n}\n";
    const { ast } = parse(text, "a.kdp");
    const { name, value, span } = ast.pipelines[0]!.statements[0] as Let;
    const cut = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
    expect(cut(span)).toBe("let kd = (a -> f(x: 1)) -> g");
    expect(cut(name.span)).toBe("kd");
    if (value.kind !== "chain" || value.left.kind !== "chain") throw new Error("not a chain");
    expect(cut(value.arrow)).toBe("->");
    expect(cut(value.left.span)).toBe("(a -> f(x: 1))");
    expect(cut(value.left.right.span)).toBe("f(x: 1)");
  });

  it("gives a tree with marked gaps when parts are missing", () => {
    const { ast } = parse("kdp 1\npipeline {\n  let = f(a: )\n  let b = x ->\n  expect > 1\n  param c:\n}", "a.kdp");
    expect(ast.pipelines[0]).toMatchObject({
      name: { missing: true, text: "" },
      statements: [
        { kind: "let", name: { missing: true }, value: { kind: "call", args: [{ value: { kind: "missing" } }] } },
        { kind: "let", name: { text: "b" }, value: { kind: "chain", right: { kind: "missing" } } },
        { kind: "expect", left: { kind: "missing" }, op: ">" },
        { kind: "param", type: { alternatives: [{ name: { missing: true } }] } },
      ],
    });
  });

  it("goes on behind a mistake: the statements after it are all there", () => {
    const broken = [
      "let a = f(x",
      "parm a: int",
      "let a",
      "foo bar { baz }",
      "let a = %",
      "@run",
      "matrix {",
      "let a = {",
    ];
    for (const mistake of broken) {
      const { ast, diagnostics } = parse(
        `kdp 1\npipeline p {\n${mistake}\nlet later = 1\nexport e = later\n}\n`,
        "a.kdp",
      );
      expect(diagnostics.filter(({ severity }) => severity === "error").length, mistake).toBe(1);
      expect(ast.pipelines[0]?.statements.slice(-2), mistake).toMatchObject([
        { kind: "let", name: { text: "later" } },
        { kind: "export", name: { text: "e" } },
      ]);
    }
  });

  it("reads an empty file, and one of comments alone", () => {
    for (const text of ["", "\n\n", "// nothing\n", "\ufeff"]) {
      const { ast, diagnostics } = parse(text, "a.kdp");
      expect(ast.pipelines).toEqual([]);
      expect(diagnostics.map(({ code }) => code)).toEqual(["KDP0007"]);
    }
  });
});
