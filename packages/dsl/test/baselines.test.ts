import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applyFixes } from "../src/diagnostics/apply-fixes.js";
import { MESSAGES } from "../src/diagnostics/messages.js";
import { compileCase, diagnosticsText, errorsOf, planText, readCase } from "./compile-case.js";

const ROOT = new URL("./baselines/", import.meta.url).pathname;
const UPDATE = process.env.UPDATE_BASELINES === "1";

const cases = readdirSync(ROOT).sort();

/** Compares with the stored text, or stores it; an absent file stands for `null`. */
function matchBaseline(path: string, text: string | null): void {
  if (UPDATE) {
    if (text === null) rmSync(path, { force: true });
    else writeFileSync(path, text);
    return;
  }
  expect(text).toBe(existsSync(path) ? readFileSync(path, "utf8") : null);
}

describe.each(cases)("baseline %s", (name) => {
  const folder = `${ROOT}${name}`;
  const testCase = readCase(folder);
  const result = compileCase(testCase);

  it("gives the stored diagnostics and plan", () => {
    matchBaseline(`${folder}/main.diagnostics.txt`, diagnosticsText(result));
    matchBaseline(`${folder}/main.plan.json`, result.plan && planText(result.plan, result));
  });

  it("has a plan exactly when nothing forbids it", () => {
    const mayPlan = testCase.options.requireParams ?? true;
    const isOne = result.pipelines.length === 1 || testCase.options.pipeline !== undefined;
    expect(result.plan !== null).toBe(errorsOf(result.diagnostics).length === 0 && isOne && mayPlan);
  });

  it("points inside its files", () => {
    for (const { span, related = [], fixes = [] } of result.diagnostics) {
      const spans = [span, ...related.map((r) => r.span), ...fixes.flatMap((f) => f.edits.map((e) => e.span))];
      for (const { file, start, end } of spans) {
        expect(testCase.files.has(file)).toBe(true);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(testCase.files.get(file)!.length);
      }
    }
  });

  it("is mended by each of its fixes", () => {
    const before = errorsOf(result.diagnostics).length;
    for (const diagnostic of result.diagnostics) {
      for (const fix of diagnostic.fixes ?? []) {
        const { sources, skipped } = applyFixes(testCase.files, [fix]);
        expect(skipped).toEqual([]);
        const after = compileCase({ ...testCase, files: sources });
        const same = after.diagnostics.filter((d) => d.code === diagnostic.code && d.message === diagnostic.message);
        const told = result.diagnostics.filter((d) => d.code === diagnostic.code && d.message === diagnostic.message);
        expect(same.length, `${diagnostic.code} after "${fix.title}"`).toBeLessThan(told.length);
        const errors = errorsOf(after.diagnostics);
        // A mended mistake may uncover another one, but adds none.
        const allowed = diagnostic.severity === "error" && before === 1 ? 0 : before;
        expect(errors.length, `${fix.title}: ${errors.map((e) => e.message).join("; ")}`).toBeLessThanOrEqual(allowed);
      }
    }
  });
});

describe("baselines", () => {
  /** Told by the parser, by the runtime, or by a host that has devices and files. */
  const elsewhere = /^KDP(0|6|9)/;

  it("show every code that the compiler tells", () => {
    const shown = new Set(
      cases.flatMap((name) => compileCase(readCase(`${ROOT}${name}`)).diagnostics.map((d) => d.code)),
    );
    const silent = Object.keys(MESSAGES).filter((code) => !elsewhere.test(code) && !shown.has(code));
    expect(silent).toEqual([]);
  });
});
