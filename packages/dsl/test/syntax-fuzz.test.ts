import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyFixes } from "../src/diagnostics/apply-fixes.js";
import type { Span } from "../src/diagnostics/diagnostic.js";
import { renderDiagnostics } from "../src/diagnostics/render.js";
import { parse } from "../src/syntax/parse.js";

const texts = ["fixtures", "syntax"].flatMap((folder) => {
  const path = new URL(`./${folder}/`, import.meta.url).pathname;
  const names = readdirSync(path).filter((name) => name.endsWith(".kdp"));
  return names.map((name) => readFileSync(path + name, "utf8"));
});

const PIECES = /\/\/[^\n]*|"[^"\n]*"|->|[A-Za-z_]\w*(?:@\d+)?|\d+(?:\.\d+)?\w*|\s+|[\s\S]/gu;
const piecesOf = (text: string): string[] => text.match(PIECES) ?? [];

/** Words of the examples, and what people and editors also leave in a file. */
const vocabulary = [
  ...new Set(texts.flatMap(piecesOf)),
  ...[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\u0000",
    "\ufeff",
    "\u2028",
    "\r",
    "\r\n",
    "😀",
    "\ud800",
    "é",
    '"',
    "\\",
    "/*",
    "*/",
    "'",
  ],
];

const options = { numRuns: Number(process.env.FUZZ_RUNS ?? 250), seed: Number(process.env.FUZZ_SEED ?? 7) };

const mangled = fc
  .record({
    text: fc.constantFrom(...texts),
    edits: fc.array(
      fc.record({
        at: fc.nat(),
        take: fc.nat({ max: 3 }),
        put: fc.array(fc.constantFrom(...vocabulary), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ text, edits }) => {
    const pieces = piecesOf(text);
    for (const { at, take, put } of edits) pieces.splice(at % Math.max(1, pieces.length), take, ...put);
    return pieces.join("");
  });

/** Every span in a tree, found by its shape. */
function* spansIn(value: unknown): Generator<Span> {
  if (typeof value !== "object" || value === null) return;
  if ("start" in value && "end" in value && "file" in value) yield value as Span;
  for (const part of Object.values(value)) yield* spansIn(part);
}

const UNREADABLE = /\{\w+\}|undefined|\[object|NaN|Expecting|\bEOF\b|``$/;

function check(text: string): void {
  const { ast, comments, diagnostics } = parse(text, "a.kdp");
  const outside = [...spansIn([ast, comments, diagnostics])].filter(
    ({ start, end, file }) =>
      !(file === "a.kdp" && Number.isInteger(start) && 0 <= start && start <= end && end <= text.length),
  );
  expect(outside).toEqual([]);
  const odd = diagnostics.filter(({ code, message }) => !code.startsWith("KDP0") || UNREADABLE.test(message));
  expect(odd).toEqual([]);
  const rendered = renderDiagnostics(diagnostics, new Map([["a.kdp", text]]));
  expect(rendered.split("\n").every((line) => line.length < 400)).toBe(true);
}

describe("parse on mangled text", () => {
  it("never throws, ends, and points inside the file", () => {
    fc.assert(fc.property(mangled, check), options);
  });

  it("never throws on text of any kind", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), check), options);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...vocabulary), { maxLength: 60 }).map((p) => p.join(" ")),
        check,
      ),
      options,
    );
  });

  it("says nothing about text that is right, however it is laid out", () => {
    const layout = fc.array(fc.constantFrom(" ", "\n", "\r\n", "\t", " // note\n", "\n\n"), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(fc.constantFrom(...texts.slice(0, 4)), layout, (text, spaces) => {
        let next = 0;
        const pieces = piecesOf(text).map((piece) =>
          /^\s+$/.test(piece) ? (spaces[next++ % spaces.length] ?? " ") : piece,
        );
        // A comment ends with its line, so the line end behind it stays.
        const laidOut = pieces.map((piece) => (piece.startsWith("//") ? `${piece}\n` : piece)).join("");
        expect(parse(laidOut, "a.kdp").diagnostics).toEqual([]);
      }),
      options,
    );
  });

  it("takes fixes that come to rest", () => {
    fc.assert(
      fc.property(mangled, (text) => {
        let sources: ReadonlyMap<string, string> = new Map([["a.kdp", text]]);
        for (let round = 0; round < 150; round++) {
          const { diagnostics } = parse(sources.get("a.kdp") ?? "", "a.kdp");
          const fixes = diagnostics.flatMap((d) => d.fixes?.slice(0, 1) ?? []);
          if (fixes.length === 0) return;
          const after = applyFixes(sources, fixes);
          expect(after.applied.length).toBeGreaterThan(0);
          sources = after.sources;
        }
        expect.unreachable(`fixes go on for ever: ${sources.get("a.kdp")}`);
      }),
      options,
    );
  });

  it("survives deep nesting and long chains", () => {
    for (const piece of ["(", "[", "{", "f(", "a -> ", "a.", "a + ", "- ", "let ", "@run(", "matrix { ", "[[", "({["]) {
      check(`kdp 1\npipeline p {\n let a = ${piece.repeat(2000)}x\n}\n`);
    }
  });
});
