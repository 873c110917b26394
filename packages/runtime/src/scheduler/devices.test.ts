import "reflect-metadata";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import type { ArtefactStore } from "../store/artefact-store.js";
import type { LockService } from "../store/locks.js";
import type { Executor } from "./executor.js";
import type { NodeLogs } from "./node-logs.js";
import { type ScheduledNode, type ScheduleOptions, Scheduler } from "./scheduler.js";

/** A ready node on a device. */
const entry = (id: string, device: string) =>
  ({
    node: { id, inputs: [], run: {} },
    task: {
      kind: "node",
      key: id,
      plugins: [],
      node: { id },
      device: { name: device, entry: device === "cpu" ? null : "x" },
    },
    hit: null,
    priority: 0,
    memory: () => ({ bytes: 0, basis: "measured", why: null }),
  }) as unknown as ScheduledNode;

it("gives a GPU to one node at a time, and the CPU to as many as there are jobs", async () => {
  const running = new Set<string>();
  const together = new Set<string>();
  const executor: Executor = {
    async run(task) {
      const { id } = (task as { readonly node: { readonly id: string } }).node;
      for (const other of running) together.add([id, other].sort().join(" "));
      running.add(id);
      await wait(30);
      running.delete(id);
      return { ok: true, seconds: 0, cpuSeconds: 0, peakRssBytes: 0 };
    },
  };
  const store = { verify: async () => ({ status: "miss" }), lookup: async () => ({ status: "hit", meta: {} }) };
  const locks = { tryAcquire: () => ({ held: true, release: () => {} }) };
  const logs = { open: async () => ({ event: () => {}, output: () => {}, fault: () => {}, close: () => {} }) };
  const scheduler = new Scheduler(
    executor,
    store as unknown as ArtefactStore,
    locks as unknown as LockService,
    logs as unknown as NodeLogs,
  );
  const nodes = [
    entry("a", "webgpu"),
    entry("b", "webgpu"),
    entry("c", "cpu"),
    entry("d", "cpu"),
    entry("e", "tensorflow"),
  ];
  const options = {
    run: "r",
    jobs: 9,
    threads: 9,
    memoryBytes: 1e12,
    signal: new AbortController().signal,
    emit: () => {},
  };
  const results = await scheduler.run(nodes, options as unknown as ScheduleOptions);
  expect([...results.values()].map(({ status }) => status)).toEqual(nodes.map(() => "ran"));
  expect(together).not.toContain("a b");
  for (const pair of ["a c", "c d", "a e", "c e"]) expect(together).toContain(pair);
});
