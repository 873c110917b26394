import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import type { RunManifest } from "@kdp/runtime";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { interactionsTsv, smallPipeline } from "./fixtures/interactions.js";
import { type Outcome, project } from "./kdp.js";

// Real trainings in real processes, on whatever machine this is.
vi.setConfig({ testTimeout: 120_000 });

const there = project({
  "data.tsv": interactionsTsv(),
  "small.kdp": smallPipeline({ extra: '  expect mean(scores.kd.ndcg@10 over seed) > 0.05 "better than chance"\n' }),
});
afterAll(there.dispose);

const manifestOf = (folder = ".kdp/runs/small/latest"): RunManifest =>
  JSON.parse(readFileSync(there.path(folder, "manifest.json"), "utf8"));

const statuses = (manifest: RunManifest): Readonly<Record<string, string>> =>
  Object.fromEntries(manifest.nodes.map((node) => [node.id, node.status]));

describe("kdp check", () => {
  it("finds nothing wrong, in the shape that programs read", async () => {
    const pretty = await there.kdp(["check", "small.kdp"]);
    expect(pretty).toMatchObject({ code: 0, stderr: "" });
    expect(pretty.stdout).toMatch(/^small\.kdp: .*\d+ nodes\n$/m);
    const json = await there.kdp(["check", "small.kdp", "--json"]);
    expect(json).toMatchObject({ code: 0, stderr: "" });
    expect(Object.keys(JSON.parse(json.stdout))).toEqual(["diagnostics"]);
  });
});

describe("kdp plan", () => {
  it("has exactly the promised fields, keys of 64 hex digits, and nothing cached yet", async () => {
    const { code, stdout } = await there.kdp(["plan", "small.kdp", "--format", "json"]);
    expect(code).toBe(0);
    const { nodes } = JSON.parse(stdout);
    expect(nodes.map((node: { id: string }) => node.id)).toContain("kd[seed=1]");
    for (const node of nodes) {
      expect(Object.keys(node)).toEqual([
        "id",
        "name",
        "stage",
        "cell",
        "key",
        "cached",
        "reason",
        "inputs",
        "device",
        "memory",
      ]);
      expect(node.key).toMatch(/^[0-9a-f]{64}$/);
      expect(node.cached).toBe(false);
      expect(Object.keys(node.memory)).toEqual(["bytes", "basis", "why"]);
      expect(Object.keys(node.reason)).toEqual(["field", "was", "now"]);
    }
    expect(existsSync(there.path(".kdp", "runs"))).toBe(false);
  });
});

describe("kdp graph", () => {
  it("draws both formats from the plan", async () => {
    const mermaid = await there.kdp(["graph", "small.kdp"]);
    expect(mermaid).toMatchObject({ code: 0, stderr: "" });
    expect(mermaid.stdout).toMatch(/^flowchart LR\n/);
    expect(mermaid.stdout).toContain("<b>kd</b><br/>bprmf · rrd · dim 4<br/>2 cells");
    const svg = await there.kdp(["graph", "small.kdp", "--format", "svg"]);
    expect(svg.stdout).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg.stdout).toContain("prefers-color-scheme: dark");
  });
});

describe("kdp run", () => {
  let first: Outcome;
  beforeAll(async () => {
    first = await there.kdp(["run", "small.kdp"]);
  }, 120_000);

  it("computes everything, tells its progress on stderr and the end on stdout", () => {
    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr).toMatch(/^small: \d+ nodes, run folder /);
    expect(first.stderr).toMatch(/^start {3}teacher$/m);
    expect(first.stderr).toMatch(/^epoch {3}teacher 20\/20 loss 0\.\d{4}, .*ndcg@10 0\.\d{4}/m);
    expect(first.stderr).toMatch(/^done {4}kd\[seed=1\] in /m);
    expect(first.stderr).toMatch(/^gate ok mean/m);
    expect(first.stdout).toContain("test, all items: mean ± standard deviation over 2 seeds");
    expect(first.stdout).toMatch(/kd +distilled: rrd +0\.\d{4} ± 0\.\d{4}/);
    expect(first.stdout).toMatch(/✓ better than chance/);
    expect(first.stdout).toMatch(/report +\.kdp\/runs\/small\/\d{8}T\d{6}-[0-9a-f]{6}\/report\.html/);
  });

  it("leaves a manifest of the promised shape, with everything the report needs", () => {
    const manifest = manifestOf();
    expect(manifest).toMatchObject({
      kdpManifest: 1,
      pipeline: "small",
      file: "small.kdp",
      exitCode: 0,
      axes: { seed: [0, 1] },
    });
    expect(new Set(Object.values(statuses(manifest)))).toEqual(new Set(["ran"]));
    for (const node of manifest.nodes) {
      for (const field of ["id", "name", "stage", "cell", "key", "status", "seconds"])
        expect(node).toHaveProperty(field);
    }
    const kd = manifest.nodes.find((node) => node.id === "kd[seed=0]");
    expect(kd?.lesson?.losses.map((loss) => loss.stage)).toEqual(["rrd"]);
    expect(kd?.curve).toHaveLength(15);
    expect(kd?.curve.at(-1)).toMatchObject({
      epoch: 15,
      losses: { base: expect.any(Number), rrd: expect.any(Number) },
    });
    expect(kd?.facts).toMatchObject({ parameters: 4 * (80 + 40), bytes: 16 * (80 + 40) });
    expect(kd?.origins.dim).toMatchObject({ kind: "param", param: "dim", value: "default" });
    const [metric] = manifest.metrics;
    expect(Object.keys(metric ?? {})).toEqual(
      expect.arrayContaining(["node", "cell", "split", "metric", "cutoff", "group", "value"]),
    );
    expect(manifest.metrics).toHaveLength(5 * 2);
    expect(manifest.gates).toMatchObject([
      { text: expect.stringContaining("mean(scores.kd.ndcg@10"), status: "passed" },
    ]);
  });

  it("writes a report that stands alone", () => {
    const report = readFileSync(there.path(".kdp/runs/small/latest/report.html"), "utf8");
    expect(report).toMatch(/^<!doctype html>/);
    expect(report).toMatch(/<\/html>\n$/);
    expect(report).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    expect(report).toContain("small.kdp:12");
    expect(report).toContain("param temperature, its default");
  });

  it("computes nothing the second time, in well under the time of the first", async () => {
    const second = await there.kdp(["run", "small.kdp", "--json"]);
    expect(second.code).toBe(0);
    const manifest: RunManifest = JSON.parse(second.stdout);
    expect(new Set(Object.values(statuses(manifest)))).toEqual(new Set(["hit"]));
    expect(manifest.metrics.length).toBeGreaterThan(0);
    expect(manifest.nodes.find((node) => node.id === "kd[seed=0]")?.curve).toHaveLength(15);
    expect(second.stderr).not.toContain("start ");
  });

  it("ignores comments and white space, and recomputes only what a value reaches", async () => {
    const pipeline = readFileSync(there.path("small.kdp"), "utf8");
    there.write("small.kdp", `// a new comment\n${pipeline.replaceAll("  let", "\n    let")}`);
    const untouched = JSON.parse((await there.kdp(["run", "small.kdp", "--json"])).stdout);
    expect(new Set(Object.values(statuses(untouched)))).toEqual(new Set(["hit"]));
    const warmer = JSON.parse((await there.kdp(["run", "small.kdp", "--json", "--set", "temperature=5"])).stdout);
    const ran = Object.entries(statuses(warmer)).filter(([, status]) => status === "ran");
    expect(ran.map(([id]) => id).sort()).toEqual([
      "kd[seed=0]",
      "kd[seed=1]",
      "scores.kd[seed=0]",
      "scores.kd[seed=1]",
    ]);
    const why = await there.kdp(["plan", "small.kdp", "--set", "temperature=7"]);
    expect(why.stdout).toMatch(/run +kd\[seed=0\] +bprmf .*rrd\.temperature: 5 → 7/);
  });

  it("pins an axis, takes params from a file, writes where it is told", async () => {
    there.write("params.json", '{ "dim": 2 }');
    const args = [
      "run",
      "small.kdp",
      "--set",
      "seed=1",
      "--params",
      "params.json",
      "--out",
      "elsewhere",
      "--jobs",
      "1",
    ];
    const { code, stdout } = await there.kdp(args);
    expect(code).toBe(0);
    expect(stdout).toContain("elsewhere/report.html");
    const manifest = manifestOf("elsewhere");
    expect(manifest.nodes.find((node) => node.name === "kd")).toMatchObject({ params: { dim: 2, seed: 1 } });
    expect(manifest.environment.jobs).toBe(1);
    expect(statSync(there.path("elsewhere/report.html")).size).toBeGreaterThan(20_000);
  });

  it("runs a part of the pipeline, found again, and says on the screen and in the report what that left out", async () => {
    const { code, stdout, stderr } = await there.kdp([
      "run",
      "small.kdp",
      "--only",
      "scores.plain[seed=0],teacher",
      "--out",
      "part",
    ]);
    expect(code, stderr).toBe(0);
    expect(new Set(Object.values(statuses(manifestOf("part"))))).toEqual(new Set(["hit"]));
    const told = /only scores\.plain\[seed=0\], teacher: \d+ nodes and 1 gate left out/;
    expect(stdout).toMatch(told);
    expect(readFileSync(there.path("part", "report.html"), "utf8")).toMatch(told);
    const mistyped = await there.kdp(["plan", "small.kdp", "--only", "scores.plian"]);
    expect(mistyped.code).toBe(2);
    expect(mistyped.stderr).toContain(
      'error[KDP5515]: the pipeline small has no node "scores.plian"; did you mean scores.plain?',
    );
  });

  it("a gate that fails is exit code 1, with both sides and the cells", async () => {
    there.write("strict.kdp", smallPipeline({ extra: '  expect scores.kd.ndcg@10 > 0.999 "perfect"\n' }));
    const { code, stdout } = await there.kdp(["run", "strict.kdp"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /✗ perfect failed\n +scores\.kd\.ndcg@10 > 0\.999\n +\[seed=0\] 0\.\d+ > 0\.999\n +\[seed=1\]/,
    );
  });
});

describe("kdp cache", () => {
  it("lists, verifies, and collects nothing that a last run counts on", async () => {
    const list = JSON.parse((await there.kdp(["cache", "ls", "--json"])).stdout);
    expect(list.entries.length).toBeGreaterThan(10);
    const verified = await there.kdp(["cache", "verify"]);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.stdout).toMatch(/^\d+ results checked, all intact\n$/);
    const before = readdirSync(there.path(".kdp/store")).length;
    const dry = await there.kdp(["cache", "gc", "--dry-run"]);
    expect(dry.stdout).toMatch(/would remove \d+ results?/);
    expect(readdirSync(there.path(".kdp/store"))).toHaveLength(before);
    const gone = await there.kdp(["cache", "gc"]);
    expect(gone.code).toBe(0);
    const after = JSON.parse((await there.kdp(["run", "strict.kdp", "--json"])).stdout);
    expect(new Set(Object.values(statuses(after)))).toEqual(new Set(["hit"]));
  });

  it("finds what is damaged; the next run computes it again and says so", async () => {
    const { entries } = JSON.parse((await there.kdp(["cache", "ls", "--json"])).stdout);
    const victim = entries.find((entry: { node: string }) => entry.node === "kd[seed=0]");
    const folder = `.kdp/store/${victim.key.slice(0, 2)}/${victim.key}`;
    const table = readdirSync(there.path(folder)).find((name) => name.endsWith(".arrow")) ?? "";
    const bytes = readFileSync(there.path(folder, table));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
    there.write(`${folder}/${table}`, bytes);
    const verified = await there.kdp(["cache", "verify"]);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toContain(`damaged ${victim.key.slice(0, 12)}`);
    const removed = await there.kdp(["cache", "verify", "--remove"]);
    expect(removed.code).toBe(0);
    const again = JSON.parse((await there.kdp(["run", "strict.kdp", "--json"])).stdout);
    expect(statuses(again)["kd[seed=0]"]).toBe("ran");
    expect(statuses(again)["kd[seed=1]"]).toBe("hit");
  });
});
