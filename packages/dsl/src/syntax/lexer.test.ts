import { describe, expect, it } from "vitest";
import { Lexer } from "./chevrotain.js";
import { createLexer } from "./lexer.js";
import { TOKENS } from "./tokens.js";

const lex = createLexer();
const kinds = (text: string) => lex(text).tokens.map(({ tokenType, image }) => `${tokenType.name} ${image}`);

it("the tokens are valid: none is hidden by another, none matches nothing", () => {
  expect(() => new Lexer([...TOKENS], { ensureOptimizations: true, skipValidations: false })).not.toThrow();
});

describe("lexer", () => {
  it("takes a metric with its cut-off as one token, the longest match", () => {
    expect(kinds("ndcg@10 hit@5.x student\n@run(a)")).toEqual([
      ...["Metric ndcg@10", "Metric hit@5", "Dot .", "Identifier x", "Identifier student"],
      ...["At @", "Identifier run", "LParen (", "Identifier a", "RParen )"],
    ]);
    expect(kinds("let@3 in@4")).toEqual(["Metric let@3", "Metric in@4"]);
  });

  it("tells numbers, durations and sizes apart", () => {
    expect(kinds("1 1.5 1e-3 2.0E+6 30m 10ms 2d 16GB 4..200")).toEqual([
      ...["Int 1", "Float 1.5", "Float 1e-3", "Float 2.0E+6", "Duration 30m", "Duration 10ms", "Duration 2d"],
      ...["Bytes 16GB", "Int 4", "DotDot ..", "Int 200"],
    ]);
    expect(kinds("30min 1.5h 16gb .5 1_000 1e")).toEqual(
      ["30min", "1.5h", "16gb", ".5", "1_000", "1e"].map((text) => `BadNumber ${text}`),
    );
  });

  it("takes longer names before keywords", () => {
    expect(kinds("let letter lets let_ trueish true kdp kdp1")).toEqual([
      ...["Let let", "Identifier letter", "Identifier lets", "Identifier let_", "Identifier trueish", "True true"],
      ...["Kdp kdp", "Identifier kdp1"],
    ]);
  });

  it("leaves words with a meaning in one place as names", () => {
    expect(kinds("as from in each over else exclude").every((kind) => kind.startsWith("Identifier "))).toBe(true);
  });

  it("ends an open string where the rest of a call begins", () => {
    expect(kinds('f("a, min: 3)')).toEqual([
      ...["Identifier f", "LParen (", 'OpenText "a', "Comma ,", "Identifier min", "Colon :", "Int 3", "RParen )"],
    ]);
    expect(kinds('f("a)')).toEqual(["Identifier f", "LParen (", 'OpenText "a', "RParen )"]);
    expect(kinds('"a (b) [c], d')).toEqual(['OpenText "a (b) [c], d']);
    expect(kinds('"a \\" b" "c\\\\"')).toEqual(['Text "a \\" b"', 'Text "c\\\\"']);
  });

  it("keeps comments beside the tokens", () => {
    const { tokens, comments, badComments } = lex("a // one\n/// two\n//// three\n# four\n/* five\n*/ b");
    expect(tokens.map(({ image }) => image)).toEqual(["a", "b"]);
    expect(comments.map(({ tokenType, image }) => `${tokenType.name} ${image}`)).toEqual([
      ...["LineComment // one", "DocComment /// two", "LineComment //// three"],
    ]);
    expect(badComments.map(({ image }) => image)).toEqual(["# four", "/* five\n*/"]);
  });

  it("takes a byte order mark as white space and reports what is no token", () => {
    expect(kinds("\ufeffkdp 1")).toEqual(["Kdp kdp", "Int 1"]);
    expect(lex("a £€ b").strays).toEqual([{ start: 2, end: 4 }]);
  });

  it("stays linear on long lines of brackets and quotes", () => {
    for (const piece of ['"(', "((", '["', "\\", "a@", "/*", "'"]) {
      expect(() => lex(piece.repeat(20_000))).not.toThrow();
    }
  });
});
