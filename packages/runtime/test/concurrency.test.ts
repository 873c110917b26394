import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type PlanSpec, TestProject } from "./support/harness.js";

/** A number that no process has: larger than Linux ever gives. */
const NO_PROCESS = 2 ** 30;

const lines = (path: string) => readFileSync(path, "utf8").trim().split("\n");

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A killed child of a killed run may stay as a zombie until its new parent looks.
    return !(existsSync("/proc/self") && /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));
  } catch {
    return false;
  }
}

describe("two runs of one pipeline at once", () => {
  it("compute every node once: one computes, the other waits and takes the result", async () => {
    const project = new TestProject();
    const [trace, gate] = [join(project.folder, "trace"), join(project.folder, "gate")];
    const spec: PlanSpec = {
      nodes: [
        { id: "slow", params: { value: 2, do: "wait-for-file", file: gate, trace } },
        { id: "next", params: { value: 1, trace }, inputs: ["slow"] },
      ],
    };
    const first = project.spawn(spec);
    await first.until((line) => line.type === "node-started");
    const second = project.spawn(spec);
    const waiting = await second.until((line) => line.type === "node-waiting");
    expect(waiting).toMatchObject({ node: "slow", holder: expect.stringContaining(`process ${first.process.pid} on`) });
    writeFileSync(gate, "");
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(await second.ended).toEqual({ code: 0, signal: null });
    expect(lines(trace).sort()).toEqual(["next", "slow"]);
    expect(second.result?.statuses.slow).toBe("hit");
    expect(readdirSync(join(project.folder, ".kdp/locks"))).toEqual([]);
    expect(readdirSync(join(project.folder, ".kdp/leases"))).toEqual([]);
  });

  it("do not hold each other up where they do not meet", async () => {
    const project = new TestProject();
    const gate = join(project.folder, "gate");
    const slow = { id: "slow", params: { do: "wait-for-file", file: gate } };
    const first = project.spawn({ nodes: [slow] });
    await first.until((line) => line.type === "node-started");
    const second = project.spawn({ nodes: [slow, { id: "other", params: { value: 7 } }] }, { jobs: 1 });
    await second.until((line) => line.type === "node-finished" && line.node === "other");
    expect(existsSync(gate)).toBe(false);
    writeFileSync(gate, "");
    expect((await second.ended).code).toBe(0);
    expect((await first.ended).code).toBe(0);
  });
});

describe("kill -9", () => {
  it("of a worker fails its node and no other", async () => {
    const project = new TestProject();
    const pidFile = join(project.folder, "pid");
    const run = project.spawn({
      nodes: [
        { id: "victim", params: { do: "wait-for-file", file: "/nowhere", pidFile } },
        { id: "after", inputs: ["victim"] },
        { id: "apart", params: { value: 1 } },
      ],
    });
    await run.until((line) => line.type === "node-finished" && line.node === "apart");
    await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8") !== "");
    process.kill(Number(readFileSync(pidFile, "utf8")), "SIGKILL");
    expect((await run.ended).code).toBe(3);
    expect(run.result?.statuses).toEqual({ victim: "failed", after: "skipped", apart: "ran" });
  });

  it("of the run ends its workers, which save a checkpoint, and leaves a store that the next run can use", async () => {
    const project = new TestProject();
    const pidFile = join(project.folder, "pid");
    const spec: PlanSpec = {
      nodes: [
        { id: "done", params: { value: 1 } },
        { id: "cut", params: { do: "abort-once", pidFile }, inputs: ["done"] },
      ],
    };
    const run = project.spawn(spec);
    await run.until((line) => line.type === "node-event");
    const worker = Number(readFileSync(pidFile, "utf8"));
    expect(isAlive(worker)).toBe(true);
    run.process.kill("SIGKILL");
    expect((await run.ended).signal).toBe("SIGKILL");
    await until(() => !isAlive(worker));
    expect(readdirSync(join(project.folder, ".kdp/locks"))).toHaveLength(1);
    expect(readdirSync(join(project.folder, ".kdp/leases"))).toHaveLength(1);

    const next = await project.run(spec);
    expect(next).toMatchObject({ exitCode: 0, statuses: { done: "hit", cut: "ran" } });
    expect(next.events).toContainEqual({ type: "node-event", node: "cut", event: { type: "resumed", epoch: 1 } });
    for (const folder of ["locks", "tmp", "checkpoints"]) {
      expect(readdirSync(join(project.folder, ".kdp", folder)), folder).toEqual([]);
    }
  });
});

describe("a signal to the run", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s stops it in order: checkpoint, manifest, no locks; exit code %i", async (signal, code) => {
    const project = new TestProject();
    const spec: PlanSpec = {
      nodes: [
        { id: "done", params: { value: 1 } },
        { id: "cut", params: { do: "abort-once" }, inputs: ["done"] },
      ],
    };
    const run = project.spawn(spec);
    await run.until((line) => line.type === "node-event");
    run.process.kill(signal);
    expect(await run.ended).toEqual({ code, signal: null });
    expect(run.result?.statuses).toEqual({ done: "ran", cut: "failed" });
    expect(readdirSync(join(project.folder, ".kdp/locks"))).toEqual([]);
    expect((await project.run(spec)).statuses).toEqual({ done: "hit", cut: "ran" });
  });
});

describe("a lock", () => {
  const spec: PlanSpec = { nodes: [{ id: "a", params: { value: 1 } }] };

  async function locked(content: string) {
    const project = new TestProject();
    const planned = await project.plan(spec);
    const locks = join(project.folder, ".kdp/locks");
    mkdirSync(locks, { recursive: true });
    writeFileSync(join(locks, `${planned.nodes?.[0]?.key}.lock`), content);
    return { project, locks };
  }

  const holder = (changes: object) =>
    JSON.stringify({
      host: hostname(),
      pid: process.pid,
      started: "",
      token: "t",
      run: "r",
      node: "a",
      since: "",
      ...changes,
    });

  it.each([
    ["of a process that is gone", holder({ pid: NO_PROCESS })],
    ["of a process whose number was given to another", holder({ started: "some-other-start" })],
    ["that is not readable", "torn"],
  ])("%s is taken over", async (_, content) => {
    const { project, locks } = await locked(content);
    expect(await project.run(spec)).toMatchObject({ exitCode: 0, statuses: { a: "ran" } });
    expect(readdirSync(locks)).toEqual([]);
  });

  it.each([
    ["of a live process", holder({})],
    ["of another machine", holder({ host: "elsewhere", pid: NO_PROCESS })],
  ])("%s is waited for", async (_, content) => {
    const { project, locks } = await locked(content);
    const controller = new AbortController();
    const run = await project.runtime(spec).run(project.options({ signal: controller.signal }), (event) => {
      if (event.type === "node-waiting") controller.abort("SIGINT");
    });
    expect(run.exitCode).toBe(130);
    expect(run.manifest?.nodes[0]).toMatchObject({ status: "skipped", because: "interrupted" });
    expect(readdirSync(locks)).toHaveLength(1);
  });
});
