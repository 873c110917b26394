import { createKernels } from "@kdp/kernels";
import type { Interactions, Kernels } from "@kdp/plugin-api";
import { beforeAll, describe, expect, it } from "vitest";
import { createStreams } from "../random/streams.js";
import { createTriplets } from "./epoch-triplets.js";
import { IdSet } from "./id-set.js";
import { positivesOf, sampleNegatives } from "./negative-sampling.js";
import { StepBatch, type Window } from "./step-batch.js";

/** User 0: items 0, 2; user 1: every item; user 2: item 3; user 3: nothing. */
const world: Interactions = {
  users: 4,
  items: 4,
  offsets: Int32Array.of(0, 2, 6, 7, 7),
  itemIds: Int32Array.of(0, 2, 0, 1, 2, 3, 3),
};

let kernels: Kernels;
beforeAll(async () => {
  kernels = await createKernels();
});

const triplets = (options: Partial<Parameters<typeof createTriplets>[0]> = {}) =>
  createTriplets({
    train: world,
    batches: "pairwise",
    batch: 2,
    negatives: 1,
    streams: createStreams(0, "m"),
    kernels,
    ...options,
  });

/** All windows of an epoch as rows `user positive negative`. */
function read(t: ReturnType<typeof createTriplets>, epoch: number): string[][] {
  t.startEpoch(epoch, null);
  return Array.from({ length: t.steps }, (_, step) => rowsOf(t.window(step)));
}

const rowsOf = (w: Window): string[] => Array.from(w.users, (u, i) => `${u} ${w.positives[i]} ${w.negatives[i]}`);

describe("id set", () => {
  it("lists ids once, ascending, across words, and is empty afterwards", () => {
    const set = new IdSet(100);
    const out = new Int32Array(100);
    set.addAll(Int32Array.of(99, 31, 32, 31, 0, 63));
    expect(Array.from(out.subarray(0, set.drain(out)))).toEqual([0, 31, 32, 63, 99]);
    expect(set.drain(out)).toBe(0);
  });
});

describe("the triplets of an epoch", () => {
  const whole: Interactions = {
    users: 5,
    items: 9,
    offsets: Int32Array.of(0, 3, 3, 5, 6, 10),
    itemIds: Int32Array.of(0, 2, 7, 1, 8, 4, 0, 3, 5, 6),
  };

  it.each(["pairwise", "users", "items"] as const)("are the same laid out step by step and at once: %s", (batches) => {
    const settings = { train: whole, batches, batch: 3, negatives: 2 };
    const steps = read(triplets(settings), 4);
    const at = triplets(settings);
    const lengths: number[] = [];
    at.startEpoch(4, (users, negatives) => lengths.push(users.length, negatives.length));
    expect(Array.from({ length: at.steps }, (_, step) => rowsOf(at.window(step)))).toEqual(steps);
    expect(lengths).toEqual([20, 20]);
    expect(read(at, 4)).toEqual(steps);
  });

  it("carry the negatives that a loss put in their place, in that epoch only", () => {
    const at = triplets({ train: whole, batch: 4 });
    at.startEpoch(0, (_, negatives) => negatives.fill(1));
    expect(rowsOf(at.window(2)).every((row) => row.endsWith(" 1"))).toBe(true);
    expect(read(at, 0)).toEqual(read(triplets({ train: whole, batch: 4 }), 0));
  });
});

describe("negative sampling", () => {
  it("leaves out and counts users who have every item", () => {
    const positives = positivesOf(world);
    expect(Array.from(positives.users)).toEqual([0, 0, 2]);
    expect(Array.from(positives.items)).toEqual([0, 2, 3]);
    expect(positives.saturatedUsers).toBe(1);
  });

  it("never draws a train item and draws the others uniformly", () => {
    const positives = positivesOf(world);
    const n = 3000;
    const out = new Int32Array(3 * n);
    sampleNegatives(positives, world.items, n, createStreams(1, "m").stream("negatives", 0), out);
    const counts = (from: number, to: number) => {
      const found = [0, 0, 0, 0];
      for (const item of out.subarray(from, to)) found[item] = (found[item] as number) + 1;
      return found;
    };
    const first = counts(0, 2 * n);
    expect(first[0]).toBe(0);
    expect(first[2]).toBe(0);
    // 6000 draws of two items: four standard deviations are 155.
    expect(Math.abs((first[1] as number) - n)).toBeLessThan(155);
    const second = counts(2 * n, 3 * n);
    expect(second[3]).toBe(0);
    for (const item of [0, 1, 2]) expect(Math.abs((second[item] as number) - 1000)).toBeLessThan(104);
  });
});

describe("triplets of an epoch", () => {
  it("hold each positive once per negative, in steps of the batch", () => {
    const rows = read(triplets({ negatives: 2 }), 0);
    expect(rows.map((step) => step.length)).toEqual([4, 2]);
    const pairs = rows.flat().map((row) => row.split(" ").slice(0, 2).join(" "));
    expect(pairs.sort()).toEqual(["0 0", "0 0", "0 2", "0 2", "2 3", "2 3"]);
  });

  it("depend on seed and epoch alone", () => {
    const t = triplets();
    const later = read(t, 7);
    expect(read(triplets(), 7)).toEqual(later);
    read(t, 3);
    expect(read(t, 7)).toEqual(later);
    const epochs = new Set(Array.from({ length: 8 }, (_, epoch) => JSON.stringify(read(t, epoch))));
    expect(epochs.size).toBeGreaterThan(4);
    expect(read(triplets({ streams: createStreams(1, "m") }), 7)).not.toEqual(later);
  });

  it("keep a user's positives together in batches of users", () => {
    const rows = read(triplets({ batches: "users", batch: 1 }), 0);
    expect(rows.map((step) => new Set(step.map((row) => row[0])).size)).toEqual([1, 1]);
    expect(rows.flat()).toHaveLength(3);
  });

  it("keep an item's positives together in batches of items", () => {
    const wide: Interactions = {
      users: 3,
      items: 3,
      offsets: Int32Array.of(0, 2, 4, 5),
      itemIds: Int32Array.of(0, 1, 0, 1, 0),
    };
    const rows = read(triplets({ train: wide, batches: "items", batch: 1 }), 0);
    expect(rows.map((step) => new Set(step.map((row) => row.split(" ")[1])).size)).toEqual([1, 1]);
    expect(rows.map((step) => step.length).sort()).toEqual([2, 3]);
    for (const row of rows.flat()) {
      const [u, , j] = row.split(" ").map(Number) as [number, number, number];
      expect(Array.from(wide.itemIds.subarray(wide.offsets[u], wide.offsets[u + 1]))).not.toContain(j);
    }
  });

  it("let a loss draw the negatives in the order of the epoch", () => {
    const t = triplets();
    let asked: number[] = [];
    t.startEpoch(0, (users, negatives) => {
      asked = Array.from(users);
      negatives.fill(1);
    });
    expect(asked.sort()).toEqual([0, 0, 2]);
    expect(Array.from(t.window(0).negatives)).toEqual([1, 1]);
  });

  it("bound the largest step, also for users with many positives", () => {
    expect(triplets({ batches: "users", batch: 1, negatives: 3 }).largestStep).toBe(6);
    expect(triplets({ batch: 100 }).largestStep).toBe(3);
  });
});

describe("batch of a step", () => {
  it("collects distinct entities when asked, anew in each step", () => {
    const batch = new StepBatch(kernels, world, 3);
    const window = (users: number[], positives: number[], negatives: number[]) => ({
      epoch: 0,
      step: 0,
      users: kernels.i32From(users),
      positives: kernels.i32From(positives),
      negatives: kernels.i32From(negatives),
    });
    batch.moveTo(window([2, 0, 2], [3, 0, 3], [1, 3, 0]));
    expect(batch.size).toBe(3);
    expect(Array.from(batch.uniqueUsers)).toEqual([0, 2]);
    expect(Array.from(batch.uniquePositives)).toEqual([0, 3]);
    expect(Array.from(batch.uniqueNegatives)).toEqual([0, 1, 3]);
    expect(Array.from(batch.uniqueItems)).toEqual([0, 1, 3]);
    batch.moveTo(window([1], [2], [2]));
    expect(Array.from(batch.uniqueUsers)).toEqual([1]);
    expect(Array.from(batch.uniqueItems)).toEqual([2]);
  });
});
