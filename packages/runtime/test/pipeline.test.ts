import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Configure, createRuntime, type PlanResult, TOKENS } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import { LibraryProject, tastes } from "./support/library-project.js";

const PIPELINE = `kdp 1

/// A teacher and its student.
pipeline small {
  param seed: int = 0
  matrix { seed: [0, 1] }
  let split = dataset("data.tsv") -> leave_one_out(seed: 0)
  let teacher = split.train -> bprmf(dim: 12, epochs: 4, valid: split.valid, learning_rate: 0.05, seed: 0)
  let student = bprmf(dim: 4, epochs: 3, valid: split.valid, learning_rate: 0.05, seed: seed)
  let plain = split.train -> student
  let taught = teacher -> distill(rrd(interesting: 5, uninteresting: 5, temperature: 10)) -> student
  let scores = [teacher: teacher, plain: plain, taught: taught] -> each evaluate(on: split.test, metrics: [hit@5, ndcg@5])
  let picks = taught -> evaluate(on: split.valid, metrics: [ndcg@5])
  expect scores.taught.ndcg@5 >= 0 "always"
  expect mean(scores.taught.ndcg@5 over seed) > 2 else warn
  expect taught.bytes < 1MB
  export best = best_of(taught, by: picks.ndcg@5, over: [seed]) -> artifact(format: ["arrow", "safetensors"], card: true)
}
`;

const keys = (planned: PlanResult) => planned.nodes?.map(({ key }) => key);
const misses = (planned: PlanResult) => planned.nodes?.filter(({ cached }) => !cached).map(({ id }) => id);
const reasonOf = (planned: PlanResult, id: string) => planned.nodes?.find((node) => node.id === id)?.reason;

function project(): LibraryProject {
  const made = new LibraryProject();
  made.write("data.tsv", tastes());
  return made;
}

describe("keys", () => {
  it.each([
    [
      "comments and white space",
      (text: string) => text.replace("matrix", "// which seeds\n\n  matrix").replaceAll(", ", ",   "),
    ],
    ["the name of a let", (text: string) => text.replaceAll("plain", "alone")],
    [
      "wishes about the execution",
      (text: string) => text.replace("let plain", "@run(timeout: 1h, retries: 2, memory: 1GB) let plain"),
    ],
    ["a default that is written out", (text: string) => text.replace("dim: 12", 'dim: 12, optimizer: "adam"')],
    ["the order of arguments", (text: string) => text.replace("dim: 12, epochs: 4", "epochs: 4, dim: 12")],
  ])("do not depend on %s", async (_, change) => {
    const at = project();
    const before = await at.planText(PIPELINE);
    const after = await at.planText(change(PIPELINE));
    expect(before.nodes).toHaveLength(16);
    expect(after.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(keys(after)).toEqual(keys(before));
  });

  it("do not depend on the time stamp, folder and name of a file, but on its content and ending", async () => {
    const at = project();
    const before = await at.planText(PIPELINE);
    utimesSync(join(at.folder, "data.tsv"), new Date(0), new Date(0));
    expect(keys(await at.planText(PIPELINE))).toEqual(keys(before));
    at.write("deeper/other.tsv", tastes());
    expect(keys(await at.planText(PIPELINE.replace("data.tsv", "deeper/other.tsv")))).toEqual(keys(before));
    at.write("data.csv", tastes());
    expect(keys(await at.planText(PIPELINE.replace("data.tsv", "data.csv")))?.[0]).not.toBe(keys(before)?.[0]);
    at.write("data.tsv", `${tastes()}u0\ti39\n`);
    const changed = await at.planText(PIPELINE);
    expect(changed.nodes?.filter(({ key }) => keys(before)?.includes(key))).toEqual([]);
  });

  it("of nodes after a change are new, all others stay", async () => {
    const at = project();
    const before = await at.planText(PIPELINE);
    const after = await at.planText(PIPELINE.replace("temperature: 10", "temperature: 5"));
    const changed = after.nodes?.filter(({ key }) => !keys(before)?.includes(key)).map(({ id }) => id);
    expect(changed).toEqual([
      "taught[seed=0]",
      "taught[seed=1]",
      "scores.taught[seed=0]",
      "scores.taught[seed=1]",
      "picks[seed=0]",
      "picks[seed=1]",
      "best",
    ]);
  });
});

describe("a pipeline of the standard library", () => {
  it("runs, is found again, and tells what a change costs and why", async () => {
    const at = project();
    const first = await at.runText(PIPELINE);
    expect(first.faults).toEqual([]);
    expect(first.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(first.exitCode).toBe(0);
    expect(new Set(Object.values(first.statuses))).toEqual(new Set(["ran"]));
    const { manifest, folder } = first;
    if (!manifest || folder === null) throw new Error("nothing was run");

    expect(manifest.gates.map(({ status }) => status)).toEqual(["passed", "warned", "passed"]);
    expect(manifest.metrics.filter(({ node }) => node === "scores.plain[seed=1]")).toEqual([
      {
        node: "scores.plain[seed=1]",
        cell: { seed: 1 },
        split: "test",
        metric: "hit",
        cutoff: 5,
        group: "all",
        value: expect.any(Number),
      },
      {
        node: "scores.plain[seed=1]",
        cell: { seed: 1 },
        split: "test",
        metric: "ndcg",
        cutoff: 5,
        group: "all",
        value: expect.any(Number),
      },
    ]);
    const taught = manifest.nodes.find(({ id }) => id === "taught[seed=0]");
    expect(taught?.curve.map(({ epoch, losses }) => [epoch, Object.keys(losses)])).toEqual([
      [1, ["base", "rrd"]],
      [2, ["base", "rrd"]],
      [3, ["base", "rrd"]],
    ]);
    expect(taught?.facts).toMatchObject({ parameters: (60 + 40) * 4, bytes: (60 + 40) * 4 * 4 });
    expect(taught?.peakRssBytes).toBeGreaterThan(1e7);
    expect(taught?.cpuSeconds).toBeGreaterThan(0);

    expect(manifest.exports.map(({ format, path }) => [format, path])).toEqual([
      ["arrow", "exports/best"],
      ["safetensors", "exports/best"],
    ]);
    expect(readdirSync(join(folder, "exports")).sort()).toEqual(["best"]);
    // Open to those that any folder is open to: the model is there to be served.
    expect(statSync(join(folder, "exports/best")).mode).toBe(statSync(join(folder, "exports")).mode);
    expect(readFileSync(join(folder, "exports/best/README.md"), "utf8")).toContain("# best");

    const idle: Configure = (container) => {
      const run = () => Promise.reject(new Error("a cached run starts no worker"));
      container.register(TOKENS.executor, { useValue: { run } });
    };
    const second = await at.runText(PIPELINE, {}, idle);
    expect(second).toMatchObject({ exitCode: 0, faults: [] });
    expect(new Set(Object.values(second.statuses))).toEqual(new Set(["hit"]));
    expect(second.manifest?.metrics).toEqual(manifest.metrics);
    expect(second.manifest?.nodes.map(({ curve }) => curve)).toEqual(manifest.nodes.map(({ curve }) => curve));
    expect(existsSync(join(second.folder ?? "", "exports/best/ids.json"))).toBe(true);

    const changed = await at.planText(
      PIPELINE.replace("temperature: 10", "temperature: 5").replace(
        "matrix { seed: [0, 1] }",
        "matrix { seed: [0, 2] }",
      ),
    );
    expect(misses(changed)?.sort()).toEqual([
      "best",
      "picks[seed=0]",
      "picks[seed=2]",
      "plain[seed=2]",
      "scores.plain[seed=2]",
      "scores.taught[seed=0]",
      "scores.taught[seed=2]",
      "taught[seed=0]",
      "taught[seed=2]",
    ]);
    expect(reasonOf(changed, "taught[seed=0]")).toEqual({ field: "rrd.temperature", was: 10, now: 5 });
    expect(reasonOf(changed, "plain[seed=2]")).toEqual({ field: "node", was: null, now: "new" });
    expect(reasonOf(changed, "scores.taught[seed=0]")?.field).toBe("input model");
    expect(reasonOf(changed, "teacher")).toBeNull();
    at.write("data.tsv", `${tastes()}u0\ti39\n`);
    const dataset = (await at.planText(PIPELINE)).nodes?.find(({ stage }) => stage === "dataset");
    expect(dataset?.reason).toMatchObject({ field: "file source", was: expect.stringMatching(/^[0-9a-f]{12}\.tsv$/) });
  }, 60_000);

  it("keeps its exports in the store: no edit reaches them, damage is mended, the collector spares them", async () => {
    const at = project();
    const text = PIPELINE.replace(/ {2}expect.*\n/g, "").replace(', "safetensors"', "");
    const exported = async () => join((await at.runText(text)).folder ?? "", "exports/best/user.arrow");
    const first = await exported();
    const content = readFileSync(first);
    writeFileSync(first, "edited by hand");
    expect(readFileSync(await exported())).toEqual(content);

    const stored = await createRuntime().cache(at.folder, (cache) => cache.list());
    const key = stored.find(({ stage }) => stage === "export arrow")?.key ?? "";
    const inStore = join(at.folder, ".kdp/store", key.slice(0, 2), key, "user.arrow");
    writeFileSync(inStore, Buffer.alloc(content.length));
    expect(readFileSync(await exported())).toEqual(content);
    expect(readFileSync(inStore)).toEqual(content);

    const collected = await createRuntime().cache(at.folder, (cache) => cache.collect());
    expect(collected.removed).toEqual([]);

    // Neither the files nor the model that they would be made of can be used: both are made again, in one run.
    writeFileSync(inStore, Buffer.alloc(content.length));
    const best = stored.find(({ stage }) => stage === "best_of")?.key ?? "";
    writeFileSync(join(at.folder, ".kdp/store", best.slice(0, 2), best, "artefact.json"), "{");
    expect(readFileSync(await exported())).toEqual(content);
  }, 60_000);

  it("with a failing gate ends with 1 and keeps back only what shares its cell", async () => {
    const at = project();
    const text = PIPELINE.replace("> 2 else warn", "> 0").replace(
      "expect taught.bytes < 1MB",
      'expect seed * 1.0 + scores.taught.ndcg@5 * 0 < 1\n  export each_seed = taught -> artifact(format: "arrow")',
    );
    const run = await at.runText(text);
    expect(run.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(run.exitCode).toBe(1);
    expect(run.manifest?.gates[2]?.cells.map(({ status }) => status)).toEqual(["passed", "failed"]);
    expect(run.manifest?.exports.map(({ path }) => path)).toEqual(["exports/each_seed/seed=0"]);
    expect(run.manifest?.blocked.map(({ name, cell }) => [name, cell])).toEqual([
      ["each_seed", { seed: 1 }],
      ["best", {}],
    ]);
  }, 60_000);
});
