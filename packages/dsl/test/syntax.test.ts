import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applyFixes } from "../src/diagnostics/apply-fixes.js";
import type { Diagnostic } from "../src/diagnostics/diagnostic.js";
import { MESSAGES, type MessageEntry } from "../src/diagnostics/messages.js";
import { renderDiagnostics } from "../src/diagnostics/render.js";
import { parse } from "../src/syntax/parse.js";

const FOLDER = new URL("./syntax/", import.meta.url).pathname;
const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".kdp"))
  .map((name) => name.slice(0, -4));

const textOf = (name: string) => readFileSync(`${FOLDER}${name}.kdp`, "utf8");
const diagnosticsOf = (name: string) => parse(textOf(name), `${name}.kdp`).diagnostics;
const same = (a: Diagnostic, b: Diagnostic) => a.code === b.code && a.message === b.message;
const count = (list: readonly Diagnostic[], wanted: Diagnostic) => list.filter((d) => same(d, wanted)).length;

/** Baselines are what a user reads. `UPDATE_BASELINES=1` stores them anew; look at the difference before you commit it. */
function matchBaseline(name: string, text: string): void {
  const path = `${FOLDER}${name}.txt`;
  if (process.env.UPDATE_BASELINES === "1") writeFileSync(path, text);
  expect(text).toBe(existsSync(path) ? readFileSync(path, "utf8") : "");
}

describe.each(names)("syntax of %s.kdp", (name) => {
  const file = `${name}.kdp`;
  const text = textOf(name);
  const diagnostics = diagnosticsOf(name);

  it("is told as stored", () => {
    matchBaseline(name, `${renderDiagnostics(diagnostics, new Map([[file, text]]))}\n`);
  });

  it("is told once for each place", () => {
    const places = diagnostics.filter(({ severity }) => severity !== "hint").map(({ span }) => span.start);
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
  });

  it("is mended by each fix, which breaks nothing else", () => {
    for (const diagnostic of diagnostics) {
      for (const fix of diagnostic.fixes ?? []) {
        const { sources, skipped } = applyFixes(new Map([[file, text]]), [fix]);
        expect(skipped).toEqual([]);
        const after = parse(sources.get(file) ?? "", file).diagnostics;
        expect(count(after, diagnostic), `${fix.title}: ${diagnostic.message}`).toBeLessThan(
          count(diagnostics, diagnostic),
        );
        const news = after.filter((d) => count(after, d) > count(diagnostics, d)).map((d) => d.message);
        expect(news, `${diagnostic.message}; ${fix.title}`).toEqual([]);
      }
    }
  });

  it("comes to rest when all fixes are applied again and again", () => {
    let sources: ReadonlyMap<string, string> = new Map([[file, text]]);
    for (let round = 0; ; round++) {
      expect(round).toBeLessThan(10);
      const found = parse(sources.get(file) ?? "", file).diagnostics;
      const fixes = found.flatMap((d) => d.fixes?.slice(0, 1) ?? []);
      if (fixes.length === 0) {
        const unfixable = diagnostics.filter((d) => d.severity === "error" && !d.fixes);
        expect(found.filter((d) => d.severity === "error").length).toBeLessThanOrEqual(unfixable.length);
        return;
      }
      sources = applyFixes(sources, fixes).sources;
    }
  });
});

describe("syntax baselines", () => {
  it("show every text of every code of the parser", () => {
    const messages = names.flatMap((name) => diagnosticsOf(name).map(({ code, message }) => `${code} ${message}`));
    const missing = Object.entries<MessageEntry>(MESSAGES)
      .filter(([code]) => code.startsWith("KDP0"))
      .flatMap(([code, { texts }]) =>
        Object.entries(texts)
          .filter(([variant]) => !variant.startsWith("ignore"))
          .map(([variant, text]) => ({ code, variant, text: typeof text === "string" ? text : text.text })),
      )
      .filter(({ code, text }) => !messages.some((message) => patternOf(code, text).test(message)));
    expect(missing).toEqual([]);
  });

  it("never show a text of the parser library", () => {
    for (const name of names) {
      expect(readFileSync(`${FOLDER}${name}.txt`, "utf8")).not.toMatch(
        /Expecting|token of type|Redundant input|\bEOF\b/,
      );
    }
  });
});

function patternOf(code: string, text: string): RegExp {
  const literal = text.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${code} ${literal.join(".+")}$`, "u");
}
