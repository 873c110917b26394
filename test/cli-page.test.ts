import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pages, ROOT } from "./markdown.js";
import { exchangesOf, firstDifference } from "./sessions.js";

const page = pages().find(({ name }) => name === "docs/cli.md");
const exchanges = (page?.fences ?? [])
  .filter(({ language }) => language === "console")
  .flatMap(({ text }) => exchangesOf(text));

/** The file that the page makes with `awk`. */
function ratings(): string {
  const lines = gunzipSync(readFileSync(join(ROOT, "packages/dataset-insteval/insteval.tsv.gz")))
    .toString("utf8")
    .split("\n");
  const kept = lines.filter((line) => line !== "" && Number(line.split("\t")[0]) <= 300);
  return ["user_id,item_id,rating,ts", ...kept.map((line) => line.replaceAll("\t", ","))].join("\n");
}

describe("sessions of docs/cli.md", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "kdp-page-"));
    writeFileSync(join(folder, "package.json"), "{}");
    writeFileSync(join(folder, "ratings.csv"), `${ratings()}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const kdp = (args: readonly string[]): Promise<string> =>
    new Promise((resolve) => {
      const bin = join(ROOT, "packages/cli/bin/kdp.js");
      const env = { ...process.env, NO_COLOR: "1", COLUMNS: "100" };
      execFile(process.execPath, [bin, ...args], { cwd: folder, env }, (_, stdout, stderr) =>
        resolve(stdout || stderr),
      );
    });

  it("are there", () => expect(exchanges.length).toBeGreaterThan(9));

  // In the order of the page: each may use what the ones above it made.
  it.each(exchanges)("$ $command", async ({ command, output }) => {
    const [program, ...args] = command.split(" ");
    expect(program).toBe("kdp");
    if (args.includes("bad.kdp")) {
      const text = readFileSync(join(folder, "ratings.kdp"), "utf8");
      writeFileSync(join(folder, "bad.kdp"), text.replace("early_stop", "early_stopp"));
    }
    const said = await kdp(args);
    expect(firstDifference(output, said.split("\n")), said).toBeNull();
  });
});

describe("comparison of sessions", () => {
  it.each([
    ["the same", ["a 1", "", "b"], ["a 2", "b"], null],
    ["lines left out", ["a", "…", "z"], ["a", "b", "c", "z"], null],
    ["a rest left out", ["a", "…"], ["a", "b"], null],
    ["another word", ["a"], ["b"], "a\n  but there: b"],
    ["a line too few", ["a"], ["a", "b"], "(the end)\n  but there: b"],
    ["a line too many", ["a", "b"], ["a"], "b\n  but there: (the end)"],
    ["a line that is nowhere", ["…", "z"], ["a", "b"], "z\n  but there: (nowhere)"],
  ])("%s", (_, expected, actual, difference) => expect(firstDifference(expected, actual)).toBe(difference));
});
