import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { recordingHost } from "../../test/fixtures/host.js";
import { reportFailure } from "./report-failure.js";

it("a bug leaves a bundle with stack and causes, and asks for a report", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kdp-bug-"));
  const { host, written } = recordingHost(folder);
  const error = new TypeError("x is undefined", { cause: new Error("deeper") });
  expect(await reportFailure(error, { argv: ["run", "a.kdp"], host, version: "1.2.3" })).toMatchObject({ exitCode: 4 });
  expect(written.out).toBe("");
  expect(written.err).toContain("error[KDP9001]: this is a bug in kdp: TypeError: x is undefined");
  const bugs = join(folder, ".kdp", "bugs");
  const [name = ""] = readdirSync(bugs);
  expect(written.err).toContain(`please report it with ${join(bugs, name)}`);
  const report = JSON.parse(readFileSync(join(bugs, name, "report.json"), "utf8"));
  expect(report).toMatchObject({ kdp: "1.2.3", argv: ["run", "a.kdp"], node: process.version });
  expect(report.error[0]).toContain("bug-bundle.test.ts");
  expect(report.error[1]).toContain("deeper");
});

it("a fault of the user is no bug", async () => {
  const { RuntimeFault } = await import("@kdp/runtime");
  const { host, written } = recordingHost();
  const fault = new RuntimeFault({
    code: "KDP7002",
    kind: "user",
    message: "the file is empty",
    place: "a.csv",
    fix: "f",
  });
  expect(await reportFailure(fault, { argv: [], host, version: "1" })).toEqual({ fault: fault.data, exitCode: 2 });
  expect(written.err).toBe(
    "error[KDP7002]: the file is empty\n  --> a.csv\n   = fix: f\n   = see: kdp explain KDP7002\n",
  );
});
