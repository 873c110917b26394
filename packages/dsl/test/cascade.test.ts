import { describe, expect, it } from "vitest";
import { compileCase, errorsOf, readCase } from "./compile-case.js";

const EXAMPLES = ["example-ci", "example-hetero", "example-rrd", "best-of", "gates"];

/** Numbers of errors when each word of a file in turn has a wrong letter; harmless places (comments, strings) left out. */
function errorCounts(name: string): readonly number[] {
  const original = readCase(new URL(`./baselines/${name}`, import.meta.url).pathname);
  const text = original.files.get("main.kdp") ?? "";
  const counts = [...text.matchAll(/[A-Za-z_]\w{2,}/g)].map((match) => {
    const [word] = match;
    const misspelt = `${word.slice(0, 1)}q${word.slice(2)}`;
    const changed = text.slice(0, match.index) + misspelt + text.slice(match.index + word.length);
    const { diagnostics } = compileCase({ ...original, files: new Map(original.files).set("main.kdp", changed) });
    return errorsOf(diagnostics).length;
  });
  return counts.filter((count) => count > 0).sort((a, b) => a - b);
}

describe.each(EXAMPLES)("a single misspelling in %s", (name) => {
  it("is told once, with few consequences", () => {
    const counts = errorCounts(name);
    expect(counts.length).toBeGreaterThan(40);
    const share = (limit: number) => counts.filter((count) => count <= limit).length / counts.length;
    expect(share(1)).toBeGreaterThanOrEqual(0.8);
    expect(share(2)).toBeGreaterThanOrEqual(0.9);
  });
});
