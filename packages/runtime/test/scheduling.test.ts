import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { type Configure, TOKENS } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import { type PlanSpec, TestProject, type TestRun } from "./support/harness.js";

const startsOf = (run: TestRun) => run.events.flatMap((event) => (event.type === "node-started" ? [event.node] : []));

/** The most nodes that ran at one time. */
function width(run: TestRun): number {
  let [now, most] = [0, 0];
  for (const { type } of run.events) {
    if (type === "node-started") most = Math.max(most, ++now);
    if (type === "node-finished" || type === "node-failed") now--;
  }
  return most;
}

const three = (run = {}): PlanSpec => ({
  nodes: ["a", "b", "c"].map((id, value) => ({ id, params: { value, do: "sleep", ms: 100 }, run })),
});

describe("the scheduler", () => {
  it("runs as many nodes at once as there are jobs", async () => {
    expect(width(await new TestProject().run(three(), { jobs: 1 }))).toBe(1);
    expect(width(await new TestProject().run(three(), { jobs: 3 }))).toBe(3);
  });

  it("takes the number of jobs from kdp.config.json unless told otherwise", async () => {
    const project = new TestProject();
    project.write("kdp.config.json", '{ "jobs": 1 }');
    const run = await project.run(three());
    expect(width(run)).toBe(1);
    expect(run.manifest?.environment.jobs).toBe(1);
  });

  it("keeps what wishes for memory within the machine", async () => {
    const memoryBytes = Math.ceil(totalmem() * 0.6);
    expect(width(await new TestProject().run(three({ memoryBytes }), { jobs: 3 }))).toBe(1);
    expect(width(await new TestProject().run(three({ memoryBytes: totalmem() * 2 }), { jobs: 3 }))).toBe(1);
  });

  it("keeps what is expected to take more memory than is free from running at once", async () => {
    const little: Configure = (container) => {
      container.register(TOKENS.freeMemory, { useValue: () => 100e6 });
    };
    const project = new TestProject();
    // Nothing is known of the nodes before they ran once; then each is expected to take what it took.
    expect(width(await project.run(three(), { jobs: 3 }, little))).toBe(3);
    const again = { nodes: three().nodes.map((node) => ({ ...node, params: { ...node.params, ms: 101 } })) };
    expect(width(await project.run(again, { jobs: 3 }, little))).toBe(1);
    const third = { nodes: three().nodes.map((node) => ({ ...node, params: { ...node.params, ms: 102 } })) };
    expect(width(await project.run(third, { jobs: 3 }))).toBe(3);
  });

  it.runIf(process.platform === "linux")("ends a node that grows beyond its memory, and no other", async () => {
    const grow = { do: "grow", megabytes: 4000 };
    const run = await new TestProject().run({
      nodes: [
        { id: "large", params: { value: 1, ...grow }, run: { memoryBytes: 300 * 2 ** 20, retries: 2 } },
        { id: "after", params: { value: 2 }, inputs: ["large"] },
        { id: "beside", params: { value: 3, do: "sleep", ms: 300 } },
      ],
    });
    expect(run.statuses).toEqual({ large: "failed", after: "skipped", beside: "ran" });
    expect(run.exitCode).toBe(3);
    const large = run.manifest?.nodes.find(({ id }) => id === "large");
    expect(large?.fault).toMatchObject({ code: "KDP8006", place: "large", fix: expect.stringContaining("memory:") });
    expect(large?.fault?.message).toMatch(/more than the 300 MB of `@run\(memory/);
    expect(large?.attempts).toBe(1);
    expect(large?.peakRssBytes).toBeGreaterThan(300 * 2 ** 20);
  });

  it("starts the node with the longest path behind it first, and reuses warm workers", async () => {
    const project = new TestProject();
    const spec: PlanSpec = {
      nodes: [
        { id: "short", params: { value: 1 } },
        { id: "long", params: { value: 2 } },
        { id: "middle", params: { value: 3 }, inputs: ["long"] },
        { id: "end", params: { value: 4 }, inputs: ["middle"] },
      ],
    };
    const run = await project.run(spec, { jobs: 1 });
    expect(startsOf(run)).toEqual(["long", "middle", "short", "end"]);
    expect(new Set(run.events.flatMap((event) => (event.type === "node-started" ? [event.worker] : [])))).toEqual(
      new Set([0]),
    );
  });

  it("tells what happened in order, and nothing of a node before it starts", async () => {
    const run = await new TestProject().run({
      nodes: [
        { id: "a", params: { print: "hello" } },
        { id: "b", inputs: ["a"] },
      ],
    });
    expect(run.events.map((event) => ("node" in event ? `${event.type} ${event.node}` : event.type))).toEqual([
      "run-started",
      "node-started a",
      "node-finished a",
      "node-started b",
      "node-finished b",
      "run-finished",
    ]);
  });

  it("logs what a node prints under its own name, however the output is buffered", async () => {
    const nodes = Array.from({ length: 6 }, (_, i) => ({
      id: `n${i}`,
      params: { value: i, print: `out ${i}`, complain: `err ${i}` },
    }));
    const run = await new TestProject().run({ nodes }, { jobs: 2 });
    for (let i = 0; i < 6; i++) {
      const log = readFileSync(join(run.folder ?? "", `logs/n${i}.ndjson`), "utf8")
        .trim()
        .split("\n");
      const said = log.map((line) => JSON.parse(line)).map(({ stream, text }) => `${stream} ${text}`);
      expect(said.sort(), `n${i}`).toEqual([`stderr err ${i}`, `stdout out ${i}`]);
    }
  });
});

describe("the cache", () => {
  const sums = (...values: number[]): PlanSpec => ({
    nodes: values.map((value) => ({ id: `n${value}`, params: { value } })),
  });
  const storedIn = (project: TestProject) => project.runtime(sums()).cache(project.folder, (cache) => cache.list());
  const collect = (project: TestProject, options = {}) =>
    project.runtime(sums()).cache(project.folder, (cache) => cache.collect(options));

  it("lists what is stored, the last used first, and whether the last run counts on it", async () => {
    const project = new TestProject();
    await project.run(sums(1));
    await project.run(sums(2));
    const entries = await storedIn(project);
    expect(entries.map(({ node, inUse, stage, damage }) => ({ node, inUse, stage, damage }))).toEqual([
      { node: "n2", inUse: true, stage: "add", damage: null },
      { node: "n1", inUse: false, stage: "add", damage: null },
    ]);
    expect(entries[0]?.bytes).toBeGreaterThan(0);
  });

  it("gives up what no last run counts on", async () => {
    const project = new TestProject();
    await project.run(sums(1));
    await project.run(sums(2, 3));
    await project.run({ ...sums(4), pipeline: "other" });
    expect((await collect(project, { dryRun: true })).removed.map(({ node }) => node)).toEqual(["n1"]);
    expect(await storedIn(project)).toHaveLength(4);
    const { removed, removedBytes, keptBytes } = await collect(project);
    expect(removed.map(({ node }) => node)).toEqual(["n1"]);
    expect(removedBytes).toBe(removed[0]?.bytes);
    expect((await storedIn(project)).map(({ node }) => node).sort()).toEqual(["n2", "n3", "n4"]);
    expect(keptBytes).toBe((await storedIn(project)).reduce((sum, { bytes }) => sum + bytes, 0));
    expect((await project.run(sums(2, 3))).statuses).toEqual({ n2: "hit", n3: "hit" });
  });

  it("spares what was used lately, and shrinks to a size when asked", async () => {
    const project = new TestProject();
    await project.run(sums(1));
    await project.run(sums(2));
    expect((await collect(project, { unusedForMs: 3_600_000 })).removed).toEqual([]);
    expect((await collect(project, { maxBytes: 0 })).removed.map(({ node }) => node).sort()).toEqual(["n1", "n2"]);
    const planned = await project.plan(sums(2));
    expect(planned.nodes?.[0]?.reason).toEqual({ field: "artefact", was: "stored", now: "gone" });
  });

  it("never takes what a running pipeline counts on", async () => {
    const project = new TestProject();
    const gate = join(project.folder, "gate");
    await project.run(sums(1));
    const run = project.spawn({
      nodes: [...sums(1).nodes, { id: "slow", params: { do: "wait-for-file", file: gate }, inputs: ["n1"] }],
    });
    await run.until((line) => line.type === "node-started");
    expect((await collect(project, { maxBytes: 0 })).removed).toEqual([]);
    expect(existsSync(gate)).toBe(false);
    writeFileSync(gate, "");
    expect((await run.ended).code).toBe(0);
    expect((await collect(project, { maxBytes: 0 })).removed).toHaveLength(2);
  });
});
