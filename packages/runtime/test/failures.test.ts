import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Configure, TOKENS } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import { type PlanSpec, TestProject, type TestRun } from "./support/harness.js";

/** A node that misbehaves, one that needs it, one that does not. */
const around = (params: Record<string, string | number>, run = {}): PlanSpec => ({
  nodes: [
    { id: "bad", params, run },
    { id: "after", inputs: ["bad"] },
    { id: "later", inputs: ["after"] },
    { id: "apart", params: { value: 1 } },
  ],
});

const STATUSES = { bad: "failed", after: "skipped", later: "skipped", apart: "ran" };
const faultOf = (run: TestRun) => run.manifest?.nodes.find(({ id }) => id === "bad")?.fault;

/** Stopped tasks are killed soon: the tests need not wait as long as a training may take for its checkpoint. */
const impatient: Configure = (container) => {
  const { entry } = container.resolve<{ entry: string }>(TOKENS.workerSettings);
  container.register(TOKENS.workerSettings, { useValue: { entry, graceMs: 200 } });
};

describe("a failing node", () => {
  it("that throws is its plugin's fault; what does not depend on it goes on", async () => {
    const project = new TestProject();
    const run = await project.run(around({ do: "throw" }));
    expect(run).toMatchObject({ exitCode: 3, statuses: STATUSES });
    expect(faultOf(run)).toMatchObject({
      code: "KDP8007",
      message: "TypeError: the numbers do not add up",
      place: "bad, in plugin @test/arithmetic 1.0.0",
      stack: expect.stringContaining("arithmetic.mjs"),
    });
    expect(run.manifest?.nodes.map(({ because }) => because)).toEqual([null, "bad", "bad", null]);
    const again = await project.run({ nodes: around({}).nodes });
    expect(again.statuses).toEqual({ bad: "ran", after: "ran", later: "ran", apart: "hit" });
  });

  it("that throws no error, or where nobody awaits, is told as well", async () => {
    const text = await new TestProject().run(around({ do: "throw-text" }));
    expect(faultOf(text)).toMatchObject({ code: "KDP8007", message: "just a text" });
    const stray = await new TestProject().run(around({ do: "stray" }));
    expect(stray.statuses).toEqual(STATUSES);
    expect(faultOf(stray)).toMatchObject({ code: "KDP8007", message: "Error: thrown where nobody awaits" });
  });

  it("that ends its process costs one node, and its last lines are shown and logged", async () => {
    const project = new TestProject();
    const run = await project.run(around({ do: "exit" }), { jobs: 1 });
    expect(run).toMatchObject({ exitCode: 3, statuses: STATUSES });
    expect(faultOf(run)).toMatchObject({ code: "KDP8002", place: "bad, in plugin @test/arithmetic 1.0.0" });
    expect(faultOf(run)?.message).toBe("its process ended by itself with code 7\nlast output:\n  last words");
    const log = readFileSync(join(run.folder ?? "", "logs/bad.ndjson"), "utf8")
      .trim()
      .split("\n");
    expect(log.map((line) => JSON.parse(line))).toMatchObject([
      { node: "bad", stream: "stdout", text: "last words" },
      { node: "bad", fault: { code: "KDP8002" } },
    ]);
  });

  it("that leaves a process behind which holds its output open does not hold up the run", async () => {
    const run = await new TestProject().run(around({ do: "exit-with-child" }), { jobs: 1 });
    expect(run).toMatchObject({ exitCode: 3, statuses: STATUSES });
    expect(faultOf(run)?.message).toContain("ended by itself with code 7");
  });

  it("whose process is killed fails, unless it may be tried again", async () => {
    const killed = await new TestProject().run(around({ do: "kill" }));
    expect(killed).toMatchObject({ exitCode: 3, statuses: STATUSES });
    expect(faultOf(killed)).toMatchObject({ code: "KDP8018", place: "bad" });
    expect(faultOf(killed)?.message).toMatch(
      /^its process was killed from outside by SIGKILL: .*for lack of memory \(the \w+ has [\d.]+ GiB\)\nlast output:\n {2}about to die$/,
    );
    const project = new TestProject();
    const file = join(project.folder, "tried");
    const retried = await project.run(around({ do: "kill-once", file }, { retries: 1 }));
    expect(retried).toMatchObject({ exitCode: 0, statuses: { bad: "ran", after: "ran", later: "ran", apart: "ran" } });
    expect(retried.manifest?.nodes[0]?.attempts).toBe(2);
    expect(retried.events.filter((e) => e.type === "node-started" && e.node === "bad")).toMatchObject([
      { attempt: 1 },
      { attempt: 2 },
    ]);
  });

  it("is not tried again for a fault of its code", async () => {
    const run = await new TestProject().run(around({ do: "throw" }, { retries: 3 }));
    expect(run.manifest?.nodes[0]?.attempts).toBe(1);
  });

  it("goes on from its checkpoint, without doing a step twice", async () => {
    const project = new TestProject();
    const trace = join(project.folder, "trace");
    const nodes = [{ id: "count", params: { do: "count", dieAt: 4, trace } }];
    expect(await project.run({ nodes })).toMatchObject({ exitCode: 3, statuses: { count: "failed" } });
    const second = await project.run({ nodes });
    expect(second).toMatchObject({ exitCode: 0, statuses: { count: "ran" } });
    expect(second.events).toContainEqual({ type: "node-event", node: "count", event: { type: "resumed", epoch: 4 } });
    const steps = readFileSync(trace, "utf8").match(/step \d+/g);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((step) => `step ${step}`));
    const key = second.manifest?.nodes[0]?.key;
    expect(existsSync(join(project.folder, ".kdp/checkpoints", `${key}.ckpt`))).toBe(false);
  });
});

describe("a time limit", () => {
  it("tells the stage, which saves a checkpoint", async () => {
    const project = new TestProject();
    const run = await project.run(around({ do: "wait-for-abort" }, { timeoutSeconds: 0.3 }));
    expect(run).toMatchObject({ exitCode: 3, statuses: STATUSES });
    expect(faultOf(run)).toMatchObject({ code: "KDP8005", message: "stopped after its time limit of 0.3 s" });
    const key = run.manifest?.nodes[0]?.key;
    expect(project.read(`.kdp/checkpoints/${key}.ckpt`)).toMatch(/half way$/);
  });

  it("of more than the longest timer of the system does not end at once", async () => {
    const run = await new TestProject().run(around({ do: "sleep", ms: 200 }, { timeoutSeconds: 30 * 24 * 3600 }));
    expect(run).toMatchObject({ exitCode: 0, statuses: { bad: "ran" } });
  });

  it("kills a stage that cannot hear it", async () => {
    const run = await new TestProject().run(around({ do: "spin" }, { timeoutSeconds: 0.3 }), {}, impatient);
    expect(run).toMatchObject({ exitCode: 3, statuses: STATUSES });
    expect(faultOf(run)).toMatchObject({ code: "KDP8005" });
  });
});

describe("an interrupted run", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("by %s keeps what is finished and ends with %i", async (reason, exitCode) => {
    const project = new TestProject();
    const spec: PlanSpec = {
      nodes: [
        { id: "done", params: { value: 1 } },
        { id: "slow", params: { do: "wait-for-abort" }, inputs: ["done"] },
        { id: "never", inputs: ["slow"] },
      ],
    };
    const controller = new AbortController();
    const runtime = project.runtime(spec);
    const result = await runtime.run(project.options({ signal: controller.signal }), (event) => {
      if (event.type === "node-event" && event.event.type === "note") controller.abort(reason);
    });
    expect(result.exitCode).toBe(exitCode);
    expect(result.manifest?.nodes).toMatchObject([
      { status: "ran" },
      { status: "failed", fault: { code: "KDP8010", message: `interrupted by ${reason}` } },
      { status: "skipped", because: "interrupted" },
    ]);
    const file = project.manifest(result.folder ?? "");
    expect(file.exitCode).toBe(exitCode);
  });
});
