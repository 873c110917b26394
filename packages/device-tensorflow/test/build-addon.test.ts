import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const script = join(import.meta.dirname, "..", "scripts", "build-addon.mjs");
const run = (args: string[], environment: NodeJS.ProcessEnv = {}) => {
  const done = spawnSync(process.execPath, [script, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  return { code: done.status, said: done.stdout + done.stderr };
};
const emptyFolder = () => mkdtempSync(join(tmpdir(), "kdp-addon-"));

describe("kdp-build-tensorflow", () => {
  it("shows its usage, and refuses what it does not know", () => {
    expect(run(["--help"])).toMatchObject({ code: 0, said: expect.stringContaining("--gpu") });
    expect(run(["--cuda"])).toMatchObject({ code: 2, said: expect.stringContaining("usage:") });
    expect(run(["a", "b"]).code).toBe(2);
  });

  it.runIf(process.platform === "linux")("says what it needs before it fetches anything", () => {
    const folder = emptyFolder();
    const { code, said } = run([folder], { PATH: emptyFolder() });
    expect(code).toBe(3);
    expect(said).toMatch(/make was not found[\s\S]*fix: install a compiler/);
    expect(existsSync(join(folder, "node_modules"))).toBe(false);
  });

  it.runIf(process.platform === "linux" && spawnSync("make", ["--version"]).status === 0)(
    "says that the wheel cannot be had, and why",
    () => {
      const folder = emptyFolder();
      const { code, said } = run([folder], { PIP_NO_INDEX: "1", PIP_FIND_LINKS: folder });
      expect(code).toBe(3);
      expect(said).toContain("fix:");
      expect(existsSync(join(folder, "node_modules"))).toBe(false);
    },
  );
});
