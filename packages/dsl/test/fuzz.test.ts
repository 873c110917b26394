import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Case, compileCase, readCase } from "./compile-case.js";

const ROOT = new URL("./baselines/", import.meta.url).pathname;
const cases = readdirSync(ROOT).map((name) => readCase(`${ROOT}${name}`));

/** Words, numbers, strings, comments, arrows, single characters and the space between. */
const TOKEN = /\/\/[^\n]*|"[^"\n]*"|->|[A-Za-z_]\w*(?:@\d+)?|\d+(?:\.\d+)?\w*|\s+|./g;

const tokensOf = (text: string): string[] => text.match(TOKEN) ?? [];

/** Tokens of all cases: what is put in is at least a word of the language. */
const vocabulary = [...new Set(cases.flatMap(({ files }) => tokensOf(files.get("main.kdp") ?? "")))];

type Edit = {
  readonly at: number;
  readonly kind: "drop" | "double" | "swap" | "replace" | "insert";
  readonly word: number;
};

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom("drop", "double", "swap", "replace", "insert"),
  word: fc.nat({ max: vocabulary.length - 1 }),
});

function mangle(text: string, edits: readonly Edit[]): string {
  const tokens = tokensOf(text);
  for (const { at, kind, word } of edits) {
    const index = at % Math.max(1, tokens.length);
    const here = tokens[index] ?? "";
    const other = vocabulary[word] ?? "";
    if (kind === "drop") tokens.splice(index, 1);
    if (kind === "double") tokens.splice(index, 0, here);
    if (kind === "replace") tokens[index] = other;
    if (kind === "insert") tokens.splice(index, 0, other);
    if (kind === "swap" && index + 1 < tokens.length) tokens.splice(index, 2, tokens[index + 1] ?? "", here);
  }
  return tokens.join("");
}

function check(testCase: Case): void {
  const { diagnostics, plan } = compileCase(testCase);
  for (const { span, message, related = [], fixes = [] } of diagnostics) {
    expect(message).not.toMatch(/\{\w+\}|undefined|\[object|NaN/);
    const spans = [span, ...related.map((r) => r.span), ...fixes.flatMap((f) => f.edits.map((e) => e.span))];
    for (const { file, start, end } of spans) {
      const text = testCase.files.get(file);
      expect(text, file).toBeDefined();
      expect(start).toBeGreaterThanOrEqual(0);
      expect(start).toBeLessThanOrEqual(end);
      expect(end).toBeLessThanOrEqual(text?.length ?? 0);
    }
  }
  if (!plan) return;
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const known = new Set<string>();
  for (const { id, inputs } of plan.nodes) {
    for (const input of inputs) expect(known.has(input.node), `${id} reads ${input.node}`).toBe(true);
    expect(known.has(id), `${id} is there twice`).toBe(false);
    known.add(id);
  }
}

describe("compile on mangled text", () => {
  it("never throws, points inside the files, and plans only what is sound", () => {
    const mangled = fc.record({
      index: fc.nat({ max: cases.length - 1 }),
      edits: fc.array(edit, { minLength: 1, maxLength: 5 }),
    });
    fc.assert(
      fc.property(mangled, ({ index, edits }) => {
        const original = cases[index]!;
        const files = new Map(original.files);
        files.set("main.kdp", mangle(original.files.get("main.kdp") ?? "", edits));
        check({ ...original, files });
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 600), seed: Number(process.env.FUZZ_SEED ?? 1) },
    );
  });

  it("survives every prefix of the examples", () => {
    for (const name of ["example-ci", "example-hetero", "gates", "best-of"]) {
      const original = readCase(`${ROOT}${name}`);
      const text = original.files.get("main.kdp") ?? "";
      for (let end = 0; end < text.length; end += 7) {
        check({ ...original, files: new Map(original.files).set("main.kdp", text.slice(0, end)) });
      }
    }
  });
});
