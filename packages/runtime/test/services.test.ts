import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Configure, execNode, RuntimeFault, TOKENS } from "@kdp/runtime";
import { Lifecycle } from "tsyringe";
import { afterAll, describe, expect, it } from "vitest";
import { type PlanSpec, TestProject } from "./support/harness.js";

const chain: PlanSpec = {
  nodes: [
    { id: "a", params: { value: 2 } },
    { id: "b", params: { value: 3 }, inputs: ["a"] },
  ],
};

describe("a service", () => {
  it("is replaced by its token: tasks run where another executor says", async () => {
    const project = new TestProject();
    const tasks: string[] = [];
    const inThisProcess: Configure = (container) => {
      const run = async (task: { node: { id: string } }, listener: { started(worker: number): void }) => {
        listener.started(0);
        const file = join(project.folder, "task.json");
        writeFileSync(file, JSON.stringify(task));
        tasks.push(task.node.id);
        await execNode(file, () => {});
        return { ok: true, seconds: 0.5, peakRssBytes: 1 };
      };
      container.register(TOKENS.executor, { useValue: { run } });
    };
    const run = await project.run(chain, {}, inThisProcess);
    expect(run).toMatchObject({ exitCode: 0, statuses: { a: "ran", b: "ran" } });
    expect(tasks).toEqual(["a", "b"]);
    expect(run.manifest?.nodes[1]).toMatchObject({ facts: { sum: 5 }, seconds: 0.5 });
    // The same artefacts as a worker process would have written.
    expect((await project.run(chain)).statuses).toEqual({ a: "hit", b: "hit" });
  });

  it("is one for a run, and another for the next", async () => {
    const project = new TestProject();
    let made = 0;
    const counting: Configure = (container) => {
      class Digests {
        constructor() {
          made++;
        }
        of = async () => "0".repeat(64);
        save() {}
      }
      container.register(TOKENS.fileDigests, { useClass: Digests }, { lifecycle: Lifecycle.ContainerScoped });
    };
    const runtime = project.runtime(chain, counting);
    await runtime.plan(project.options());
    await runtime.plan(project.options());
    expect(made).toBe(2);
  });

  it("that holds something is disposed at the end of the run", async () => {
    const project = new TestProject();
    let disposed = 0;
    const holding: Configure = (container) => {
      class Memory {
        read = () => ({ nodes: {} });
        write() {}
        dispose() {
          disposed++;
        }
      }
      container.register(TOKENS.keyMemory, { useClass: Memory }, { lifecycle: Lifecycle.ContainerScoped });
    };
    await project.run(chain, {}, holding);
    expect(disposed).toBe(1);
  });
});

describe("exec-node", () => {
  const folder = mkdtempSync(join(tmpdir(), "kdp-task-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("computes the node of a task file and prints what it does", async () => {
    const project = new TestProject();
    const files: string[] = [];
    const recording: Configure = (container) => {
      const run = async (task: { node: { id: string } }) => {
        files.push(join(folder, `${task.node.id}.json`));
        writeFileSync(files.at(-1) ?? "", JSON.stringify(task));
        return { ok: false, seconds: 0, fault: { code: "KDP8002", kind: "run", message: "not run here" } };
      };
      container.register(TOKENS.executor, { useValue: { run } });
    };
    await project.run(
      {
        nodes: [
          { id: "count", params: { do: "count" } },
          { id: "bad", params: { do: "throw" } },
        ],
      },
      {},
      recording,
    );
    const lines: unknown[] = [];
    expect(await execNode(files[0] ?? "", (line) => lines.push(line))).toBe(0);
    expect(lines).toEqual([{ type: "done", ok: true, seconds: expect.any(Number), peakRssBytes: expect.any(Number) }]);
    expect(await execNode(files[1] ?? "", (line) => lines.push(line))).toBe(3);
    expect(lines[1]).toMatchObject({ type: "done", ok: false, fault: { code: "KDP8007" } });
  });

  it.each([
    ["{", "JSON"],
    ["{}", "no node task"],
    ['{ "kdpTask": 1, "kind": "export" }', "no node task"],
  ])("refuses %s", async (text, why) => {
    const file = join(folder, "wrong.json");
    writeFileSync(file, text);
    const error = await execNode(file, () => {}).catch((thrown: unknown) => thrown);
    if (!(error instanceof RuntimeFault)) throw error;
    expect(error.data).toMatchObject({
      code: "KDP5511",
      kind: "user",
      place: file,
      message: expect.stringContaining(why),
    });
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});
