import { afterAll, describe, expect, it } from "vitest";
import { kdp, project, readOnly } from "./kdp.js";

describe("the command line", () => {
  it("explains itself", async () => {
    const { code, stdout, stderr } = await kdp(["--help"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const command of ["run", "check", "plan", "graph", "init", "recommend", "explain", "doctor", "cache"]) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    }
    expect(stdout).not.toContain("exec-node");
  });

  it.each(["run", "check", "plan", "graph", "init", "recommend", "explain", "doctor", "cache", "exec-node"])(
    "%s has a page of help with examples",
    async (command) => {
      const { code, stdout } = await kdp([command, "--help"]);
      expect(code).toBe(0);
      expect(stdout).toContain(`Usage: kdp ${command}`);
      expect(stdout).toContain(`Examples:\n  kdp ${command}`);
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
    },
  );

  it.each([
    [["chek", "a.kdp"], "unknown command 'chek'", "(Did you mean check?)"],
    [["check", "a.kdp", "--jsn"], "unknown option '--jsn'", "(Did you mean --json?)"],
    [["run"], "missing required argument 'file'", "kdp run --help"],
    [["check", "a.kdp", "--format", "xml"], "Allowed choices are pretty, json", "kdp check --help"],
    [["run", "a.kdp", "--set", "dim"], '--set takes name=value, not "dim"', "--set dim=32"],
    [["run", "a.kdp", "--jobs", "0"], "--jobs takes a whole number", 'not "0"'],
    [["run", "a.kdp", "--params", "gone.json"], '"gone.json" cannot be read', "fix:"],
    [["explain", "KDP2299"], 'there is no code "KDP2299"', "kdp explain lists all codes"],
    [["cache", "gc", "--unused", "30min"], "expected a time such as 12h", "units are ms, s, m, h, d"],
  ])("%j is refused with a hint", async (args, message, hint) => {
    const { code, stdout, stderr } = await kdp(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  it("answers in JSON also when nothing can be done", async () => {
    for (const args of [
      ["explain", "KDP2299"],
      ["recommend", "gone", "--user", "u"],
      ["check"],
      ["cache", "ls", "--jsn"],
    ]) {
      const { code, stdout, stderr } = await kdp([...args, "--json"]);
      expect(code).toBe(2);
      expect(Object.keys(JSON.parse(stdout).error)).toEqual(["code", "message", "place", "fix"]);
      expect(stderr).not.toBe("");
    }
  });

  it("prints its version", async () => {
    expect((await kdp(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("colours only where they are wanted", async () => {
    const plain = await kdp(["explain", "KDP2204"]);
    const forced = await kdp(["explain", "KDP2204"], { env: { FORCE_COLOR: "1" } });
    const refused = await kdp(["explain", "KDP2204"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
    expect(plain.stdout).not.toContain("\u001b[");
    expect(forced.stdout).toContain("\u001b[");
    expect(refused.stdout).toBe(plain.stdout);
  });
});

describe("kdp explain", () => {
  it("shows the page of a code, however it is typed", async () => {
    const { code, stdout } = await kdp(["explain", "2204"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^KDP2204: /);
    const json = JSON.parse((await kdp(["explain", "KDP2204", "--json"])).stdout);
    expect(Object.keys(json)).toEqual(["code", "title", "markdown"]);
  });

  it("lists all codes", async () => {
    const { stdout } = await kdp(["explain"]);
    expect(stdout.split("\n").filter((line) => /^KDP\d{4} {2}\S/.test(line)).length).toBeGreaterThan(60);
  });
});

describe("kdp doctor", () => {
  const there = project();
  afterAll(there.dispose);

  it("finds that kdp can work here", async () => {
    const { code, stdout } = await there.kdp(["doctor"]);
    expect(code).toBe(0);
    for (const line of [/✓ {2}Node +v\d+/, /processor .*cores?/, /store +.*writable/, /device cpu +WebAssembly SIMD/]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout).toMatch(/kdp can work here\.\n$/);
  });

  it("tells programs the same", async () => {
    const { checks } = JSON.parse((await there.kdp(["doctor", "--json"])).stdout);
    const names = checks.map((check: { name: string }) => check.name);
    expect(names).toEqual([
      "Node",
      "processor",
      "memory",
      "store",
      "disk",
      "library",
      "device cpu",
      "device tensorflow",
      "device webgpu",
    ]);
    for (const check of checks) expect(Object.keys(check)).toEqual(["name", "status", "finding", "mend"]);
  });

  it("says what mends a store that cannot be written", async () => {
    const locked = project();
    readOnly(locked, true);
    const { code, stdout } = await locked.kdp(["doctor"], { unprivileged: true });
    readOnly(locked, false);
    locked.dispose();
    expect(code).toBe(2);
    expect(stdout).toContain("cannot be written to (EACCES)");
    expect(stdout).toContain("mend: make it writable");
  });

  it("notices a store that is no folder", async () => {
    const blocked = project({ ".kdp": "a file" });
    const { code, stdout } = await blocked.kdp(["doctor"]);
    blocked.dispose();
    expect(code).toBe(2);
    expect(stdout).toContain("✗  store");
  });
});
