import { createKernels } from "@kdp/kernels";
import type { Kernels } from "@kdp/plugin-api";
import type { LoadedDevice } from "@kdp/plugin-api/device";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { deviceRanker } from "../../runtime/src/ranking/device-ranker.js";
import device from "../src/index.js";
import { reasonToSkip } from "./adapter.js";

const reason = await reasonToSkip();

interface World {
  readonly users: number;
  readonly items: number;
  readonly cols: number;
  /** Users that are ranked, in this order. */
  readonly ids: readonly number[];
  /** Steps of a factor between 0 and 1, few of which make many ties; 0 for real numbers. */
  readonly steps: number;
  /** Factors are multiplied by it. */
  readonly scale: number;
  /** One pair in so many is excluded; 0 for none. */
  readonly every: number;
  readonly seed: number;
}

const numbers = (n: number, seed: number, { steps, scale }: World): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => {
    const x = Math.sin(1 + seed + 1.7 * i);
    return scale * (steps === 0 ? x : Math.round(x * steps) / steps);
  });

const chunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));

describe.skipIf(reason !== null)(`ranking on WebGPU${reason === null ? "" : ` (${reason})`}`, () => {
  let loaded: LoadedDevice;
  let cpu: Kernels;
  beforeAll(async () => {
    loaded = await device.load();
    cpu = await createKernels();
  });

  function tablesOf(world: World) {
    const { users, items, cols, every, seed } = world;
    const excluded: number[] = [];
    const offsets = [0];
    for (let u = 0; u < users; u++) {
      for (let i = 0; i < items; i++) if (every > 0 && (7 * u + 3 * i + seed) % every === 0) excluded.push(i);
      offsets.push(excluded.length);
    }
    return {
      user: cpu.f32From(numbers(users * cols, seed, world)),
      item: cpu.f32From(numbers(items * cols, seed + 1, world)),
      offsets: cpu.i32From(offsets),
      excluded: cpu.i32From(excluded),
    };
  }

  /** Both ranked; how many users the device could not decide. */
  async function compare(world: World, k: number, blockBytes: number): Promise<{ top: number; counts: number }> {
    const { items, cols, ids } = world;
    const { user, item, offsets, excluded } = tablesOf(world);
    const userIds = cpu.i32From(ids);
    const n = ids.length;
    const ranker = deviceRanker({ kernels: cpu, device: loaded, node: "test", blockBytes });
    if (!ranker) throw new Error("the device does not rank");
    const lists = () => ({ ids: cpu.i32(n * k).fill(7), scores: cpu.f32(n * k).fill(7) });
    const [there, here] = [lists(), lists()];
    await ranker.topK(user, item, cols, items, userIds, n, offsets, excluded, k, there.ids, there.scores);
    cpu.topK(user, item, cols, items, userIds, n, offsets, excluded, k, here.ids, here.scores);
    expect(there).toEqual(here);
    const top = ranker.again;

    const targets: number[] = [];
    const starts = [0];
    for (let r = 0; r < n; r++) {
      for (let t = 0; t < r % 4; t++) targets.push((5 * r + 11 * t) % items);
      starts.push(targets.length);
    }
    const [targetIds, targetOffsets] = [cpu.i32From(targets), cpu.i32From(starts)];
    const counts = () => ({ above: cpu.i32(targets.length).fill(7), ties: cpu.i32(targets.length).fill(7) });
    const [gpu, own] = [counts(), counts()];
    const args = [user, item, cols, items, userIds, targetOffsets, targetIds, n, offsets, excluded] as const;
    await ranker.rankCounts(...args, gpu.above, gpu.ties);
    cpu.rankCounts(...args, own.above, own.ties);
    expect(gpu).toEqual(own);
    for (const view of [user, item, offsets, excluded, userIds, targetIds, targetOffsets]) cpu.free(view);
    for (const pair of [there, here, gpu, own]) for (const view of Object.values(pair)) cpu.free(view);
    return { top, counts: ranker.again - top };
  }

  const world = (changes: Partial<World>): World => {
    const { users = 37, ...rest } = changes;
    const ids = Array.from({ length: users }, (_, u) => u);
    return { users, items: 301, cols: 13, ids, steps: 0, scale: 1, every: 9, seed: 0, ...rest };
  };
  const LARGE = 2 ** 26;

  it.each<[string, Partial<World>, number, number]>([
    ["sizes that are no multiples of a workgroup", {}, 20, LARGE],
    ["K = 1", {}, 1, LARGE],
    ["K = 1000 of 2,500 items", { users: 5, items: 2500 }, 1000, LARGE],
    ["K = 1000 of 301 items: all of them", {}, 1000, LARGE],
    ["no exclusions", { every: 0 }, 20, LARGE],
    ["more items than are left to a user", { items: 30, every: 2 }, 25, LARGE],
    ["everything excluded", { items: 30, every: 1 }, 5, LARGE],
    ["one item", { items: 1, every: 2 }, 3, LARGE],
    ["one user, one column", { users: 1, cols: 1 }, 10, LARGE],
    ["blocks of users and of items", {}, 20, 16_384],
    ["blocks of few items", { users: 20 }, 40, 6_000],
    ["users in any order, some twice", { ids: [5, 5, 0, 36, 2] }, 20, LARGE],
    ["scores of 1e36", { scale: 1e18 }, 20, LARGE],
  ])("has the CPU's bits: %s", async (_, changes, k, blockBytes) => {
    expect(await compare(world(changes), k, blockBytes)).toEqual({ top: 0, counts: 0 });
  });

  it.each<[string, Partial<World>]>([
    ["many ties", { steps: 1, cols: 3 }],
    ["all scores 0", { scale: 0 }],
    ["scores that overflow", { scale: 1e20 }],
    ["scores that are no normal numbers", { scale: 1e-20 }],
  ])("has the CPU's bits where scores do not tell items apart: %s", async (_, changes) => {
    const { top } = await compare(world(changes), 20, LARGE);
    expect(top).toBeGreaterThan(0);
  });

  it("has the CPU's bits on random tables", async () => {
    const worlds = fc.record({
      users: fc.integer({ min: 1, max: 80 }),
      items: fc.integer({ min: 1, max: 700 }),
      cols: fc.integer({ min: 1, max: 70 }),
      steps: fc.constantFrom(0, 0, 2, 40),
      every: fc.integer({ min: 0, max: 12 }),
      seed: fc.nat(1000),
      k: fc.integer({ min: 1, max: 120 }),
      blockBytes: fc.constantFrom(LARGE, 60_000),
    });
    await fc.assert(
      fc.asyncProperty(worlds, async ({ users, k, blockBytes, ...rest }) => {
        await compare(world({ users, ...rest }), k, blockBytes);
      }),
      { numRuns: 15 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e38])("leaves factors of %d to the CPU", async (bad) => {
    const { user, item, offsets, excluded } = tablesOf(world({}));
    item[20] = bad;
    user[3] = bad;
    const ids = cpu.i32From([0, 1, 2]);
    const ranker = deviceRanker({ kernels: cpu, device: loaded, node: "test" });
    const [there, here] = [cpu.i32(30), cpu.i32(30)];
    const scores = cpu.f32(30);
    await ranker?.topK(user, item, 13, 301, ids, 3, offsets, excluded, 10, there, scores);
    cpu.topK(user, item, 13, 301, ids, 3, offsets, excluded, 10, here, scores);
    expect(there).toEqual(here);
    expect(ranker?.again).toBe(3);
  });

  it("leaves nothing behind on the GPU, nor in the memory of the kernels", async () => {
    await compare(world({}), 20, 16_384);
    const [tensors, bytes] = [loaded.tf.memory().numTensors, cpu.bytesInUse];
    await compare(world({}), 20, 16_384);
    expect(loaded.tf.memory().numTensors).toBe(tensors);
    expect(cpu.bytesInUse).toBe(bytes);
  });

  it("lists the best of a block without the excluded, as its own scores say", async () => {
    const { tf, kernels } = loaded;
    const users = tf.tensor2d([1, 0, 0, 1], [2, 2]);
    const items = tf.tensor2d([5, 1, 3, 2, 4, 3, 1, 4], [4, 2]);
    const excluded = tf.tensor1d([0, 4, 5, 6], "int32");
    const [ids, scores] = kernels?.topK?.({ users, items, excluded }, 3) ?? [];
    const [found, values] = [await ids?.data(), await scores?.data()];
    expect([...(found ?? [])].slice(0, 3).sort()).toEqual([1, 2, 3]);
    expect([...(values ?? [])].slice(0, 3).sort()).toEqual([1, 3, 4]);
    // User 1 has one candidate left.
    expect([...(found ?? [])].slice(3).sort()).toEqual([-1, -1, 3]);
  });

  it("counts what is above, and lists what is near while there is room", async () => {
    const { tf, kernels } = loaded;
    const users = tf.tensor2d([1, 0, 0, 1], [2, 2]);
    // Scores 5 3 4 1 2 of user 0, 1 2 3 4 4 of user 1, whose item 3 is excluded.
    const items = tf.tensor2d([5, 1, 3, 2, 4, 3, 1, 4, 2, 4], [5, 2]);
    const excluded = tf.tensor1d([8], "int32");
    const rows = tf.tensor1d([0, 1, 0], "int32");
    const [low, high] = [tf.tensor1d([2.5, 3.5, 0]), tf.tensor1d([3.5, 4, 9])];
    const counts = kernels?.rankCounts?.({ users, items, excluded }, { rows, low, high }, 2);
    const [first, second, third] = chunks([...((await counts?.data()) ?? [])], 4);
    expect(first).toEqual([2, 1, 1, 0]);
    expect(second).toEqual([0, 1, 4, 0]);
    expect(third?.slice(0, 2)).toEqual([0, 5]);
  });
});
