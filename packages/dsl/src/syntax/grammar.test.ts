import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { cstTypes } from "./cst-types.js";
import { KdpParser } from "./grammar.js";
import { parse } from "./parse.js";

/** The formatter moves white space and takes brackets away. */
const bare = (text: string) => text.replace(/[\s()]/g, "");

it("the grammar is free of ambiguities and left recursion", () => {
  expect(() => new KdpParser({ skipValidations: false })).not.toThrow();
});

it("the types of the concrete tree are those of the grammar", () => {
  const stored = readFileSync(new URL("./cst.generated.ts", import.meta.url), "utf8");
  expect(bare(stored)).toBe(bare(cstTypes()));
});

it("a file of 5,000 lines is parsed whole", () => {
  const example = readFileSync(new URL("../../test/fixtures/ci.kdp", import.meta.url), "utf8");
  const from = example.indexOf("  let split");
  const statements = example.slice(from, example.lastIndexOf("}"));
  const copies = Math.ceil(5000 / statements.split("\n").length);
  const { ast, diagnostics } = parse(`${example.slice(0, from)}${statements.repeat(copies)}}\n`, "big.kdp");
  expect(diagnostics).toEqual([]);
  expect(ast.pipelines[0]?.statements.length).toBeGreaterThan(copies * 10);
});
