import "reflect-metadata";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { ArtefactStore } from "../store/artefact-store.js";
import type { LockService } from "../store/locks.js";
import { SettableGrant } from "../worker/thread-grant.js";
import type { Executor } from "./executor.js";
import type { NodeLogs } from "./node-logs.js";
import { type ScheduledNode, type ScheduleOptions, Scheduler } from "./scheduler.js";
import { THREAD_BYTES, threadShares, threadsWithin } from "./thread-shares.js";

describe("threads of nodes that run together", () => {
  it("are shared evenly, what is left over by the first", () => {
    expect(threadShares(8, 1)).toEqual([8]);
    expect(threadShares(8, 3)).toEqual([3, 3, 2]);
    expect(threadShares(4, 4)).toEqual([1, 1, 1, 1]);
    expect(threadShares(2, 3)).toEqual([1, 1, 1]);
    expect(threadShares(2, 0)).toEqual([]);
  });

  it("fit into a bound on memory beside the node itself", () => {
    expect(threadsWithin(200 * THREAD_BYTES, 197.5 * THREAD_BYTES)).toBe(3);
    expect(threadsWithin(100, 200)).toBe(1);
    expect(threadsWithin(1e12, null)).toBe(1);
  });
});

it("tells of a grant that changed, and of none that did not", () => {
  const grant = new SettableGrant(2);
  const told: number[] = [];
  const end = grant.onChange((threads) => told.push(threads));
  for (const threads of [2, 3, 3, 1]) grant.set(threads);
  end();
  grant.set(8);
  expect([told, grant.threads]).toEqual([[3, 1], 8]);
});

it("a running node has the threads of slots that no other fills, and gives them back", async () => {
  const entry = (id: string, inputs: readonly string[], memoryBytes?: number) =>
    ({
      node: {
        id,
        inputs: inputs.map((node) => ({ node })),
        run: memoryBytes === undefined ? {} : { memoryBytes },
      },
      task: { kind: "node", key: id, plugins: [], node: { id }, device: { name: "cpu", entry: null } },
      hit: null,
      priority: id === "first" ? 1 : 0,
      memory: () => ({ bytes: 100 * THREAD_BYTES, basis: "measured", why: null }),
    }) as unknown as ScheduledNode;
  const nodes = [
    entry("alone", []),
    entry("first", ["alone"]),
    entry("second", ["alone"]),
    entry("bound", ["first", "second"], 101.5 * THREAD_BYTES),
  ];
  const seen: Record<string, number[]> = {};
  const executor: Executor = {
    async run(task, _, { threads }) {
      const { id } = (task as { readonly node: { readonly id: string } }).node;
      const own = [threads.threads];
      seen[id] = own;
      const end = threads.onChange((now) => own.push(now));
      await wait(id === "second" ? 60 : 20);
      end();
      return { ok: true, seconds: 0, peakRssBytes: 0 };
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
  const signal = new AbortController().signal;
  const options = { run: "r", jobs: 5, threads: 5, memoryBytes: 1e12, signal, emit: () => {} };
  await scheduler.run(nodes, options as unknown as ScheduleOptions);
  // 5 alone; 3 and 2 beside each other, then the longer one has all; a bound leaves room for one helper.
  expect(seen).toEqual({ alone: [5], first: [3], second: [2, 5], bound: [2] });
});
