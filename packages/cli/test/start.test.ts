import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { interactionsTsv } from "./fixtures/interactions.js";
import { type Project, project } from "./kdp.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const LOG = new URL("./fixtures/log-modules.mjs", import.meta.url).href;
/** Loaded by nodes, or by a report that was not drawn before. */
const HEAVY = /node_modules\/(apache-arrow|@tensorflow|@duckdb|@dagrejs|@observablehq|linkedom|@kdp\/kernels)\//;

const PIPELINE = `kdp 1

pipeline small {
  let split = dataset("ratings.tsv") -> leave_one_out(seed: 0)
  let counts = split.train -> popularity()
  let scores = counts -> evaluate(on: split.test, metrics: [recall@5])
  expect scores.recall@5 >= 0
}
`;

let there: Project;
beforeAll(async () => {
  there = project({ "ratings.tsv": interactionsTsv(), "small.kdp": PIPELINE });
  // The second run draws the picture of a pipeline in which everything is cached.
  for (const _ of [1, 2]) {
    const { code, stderr } = await there.kdp(["run", "small.kdp"]);
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
  }
});
afterAll(() => there.dispose());

/** URLs of the ES modules that a command loads. */
function modulesOf(program: string, args: readonly string[]): readonly string[] {
  const log = there.path("modules.txt");
  rmSync(log, { force: true });
  const { NODE_OPTIONS: _options, ...env } = process.env;
  execFileSync(process.execPath, ["--import", LOG, here(program), ...args], {
    cwd: there.folder,
    env: { ...env, KDP_TEST_MODULES: log },
    stdio: "ignore",
  });
  return readFileSync(log, "utf8").trim().split("\n");
}

it.each([["check"], ["plan"], ["run"]])("a cached pipeline: kdp %s loads nothing that only nodes need", (command) => {
  const modules = modulesOf("../dist/main.js", [command, "small.kdp"]);
  expect(modules.length).toBeGreaterThan(100);
  expect(modules.filter((url) => HEAVY.test(url) || url.includes("/kernels/dist/"))).toEqual([]);
});

/** In a clone a package may have been compiled after it was bundled; `npm test` bundles before it tests. */
const writtenAt = (path: string): number => statSync(here(path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
const isBundled = ["dsl", "runtime", "cli"].every(
  (name) => writtenAt("../dist/bundle/main.js") > writtenAt(`../../${name}/tsconfig.tsbuildinfo`),
);

it.runIf(isBundled)("the command starts from its bundle: a few files", () => {
  const files = modulesOf("../bin/kdp.js", ["check", "small.kdp"]).filter((url) => url.startsWith("file:"));
  expect(files.some((url) => url.endsWith("/cli/dist/bundle/main.js"))).toBe(true);
  expect(files.length).toBeLessThan(40);
});
