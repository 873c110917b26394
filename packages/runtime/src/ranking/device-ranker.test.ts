import { createKernels } from "@kdp/kernels";
import type { Kernels, Tf } from "@kdp/plugin-api";
import type { DeviceFailure, LoadedDevice, RankingBlock } from "@kdp/plugin-api/device";
import { beforeAll, describe, expect, it } from "vitest";
import { loadTensorflow } from "../tensors/load-tensorflow.js";
import { deviceRanker } from "./device-ranker.js";
import { scoreErrors } from "./score-errors.js";

const USERS = 23;
const ITEMS = 210;
const COLS = 9;
const K = 12;

let kernels: Kernels;
let tf: Tf;
beforeAll(async () => {
  kernels = await createKernels();
  tf = (await loadTensorflow("cpu")).tf;
});

/** Numbers in a grid of 1/64, so that many scores lie near each other and some tie. */
const apart = (n: number, seed: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.round(64 * Math.sin(1 + seed + 1.7 * i)) / 64);

/** Numbers whose scores differ by less than their sums are rounded. */
const alike = (n: number, seed: number) =>
  Float32Array.from({ length: n }, (_, i) => 1 + 2 ** -22 * Math.round(3 * Math.sin(1 + seed + 1.7 * i)));

function world(numbers = apart) {
  const excluded: number[] = [];
  const offsets = [0];
  for (let u = 0; u < USERS; u++) {
    for (let i = 0; i < ITEMS; i++) if ((7 * u + 3 * i) % 10 === 0) excluded.push(i);
    offsets.push(excluded.length);
  }
  const targets = Array.from({ length: 3 * USERS }, (_, q) => (17 * q) % ITEMS);
  return {
    user: kernels.f32From(numbers(USERS * COLS, 0)),
    item: kernels.f32From(numbers(ITEMS * COLS, 1)),
    ids: kernels.i32From(Array.from({ length: USERS }, (_, u) => u)),
    offsets: kernels.i32From(offsets),
    excluded: kernels.i32From(excluded),
    targets: kernels.i32From(targets),
    starts: kernels.i32From(Array.from({ length: USERS + 1 }, (_, r) => 3 * r)),
  };
}

/**
 * A device that computes what the contract of the kernels says, in JavaScript.
 * @param wrong added to the true score of a user row and an item row of a block
 */
function device(wrong: (row: number, item: number, user: readonly number[]) => number): LoadedDevice {
  const scoresOf = ({ users, items, excluded }: RankingBlock): (number | null)[][] => {
    const left = users.arraySync();
    const right = items.arraySync();
    const out = new Set(excluded.dataSync());
    return left.map((u, r) =>
      right.map((v, i) => {
        if (out.has(r * right.length + i)) return null;
        return u.reduce((sum, x, c) => sum + x * (v[c] as number), 0) + wrong(r, i, u);
      }),
    );
  };
  return {
    tf,
    found: "a test",
    kernels: {
      topK(block, k) {
        const best = scoresOf(block).map((row) => {
          const listed = row.flatMap((score, i) => (score === null ? [] : [[i, score] as const]));
          listed.sort((a, b) => b[1] - a[1] || b[0] - a[0]);
          return Array.from({ length: k }, (_, c) => listed[c] ?? ([-1, 0] as const)).reverse();
        });
        return [
          tf.tensor2d(
            best.map((row) => row.map(([i]) => i)),
            undefined,
            "int32",
          ),
          tf.tensor2d(best.map((row) => row.map(([, score]) => score))),
        ];
      },
      rankCounts(block, { rows, low, high }, room) {
        const scores = scoresOf(block);
        const [from, to] = [low.dataSync(), high.dataSync()];
        const counts = [...rows.dataSync()].map((row, q) => {
          const near: number[] = [];
          let above = 0;
          scores[row]?.forEach((score, i) => {
            if (score === null) return;
            if (score > (to[q] as number)) above++;
            else if (score >= (from[q] as number)) near.push(i);
          });
          return [above, near.length, ...Array.from({ length: room }, (_, c) => near[c] ?? 0)];
        });
        return tf.tensor2d(counts, undefined, "int32");
      },
    },
  };
}

/** Whether lists and counts are the CPU's, and how many users the CPU had to rank in each. */
async function compare(there: LoadedDevice, blockBytes?: number, numbers = apart) {
  const { user, item, ids, offsets, excluded, targets, starts } = world(numbers);
  const ranker = deviceRanker({
    kernels,
    device: there,
    node: "test",
    ...(blockBytes === undefined ? {} : { blockBytes }),
  });
  if (!ranker) throw new Error("the device does not rank");
  const lists = () => [kernels.i32(USERS * K), kernels.f32(USERS * K)] as const;
  const [own, cpu] = [lists(), lists()];
  await ranker.topK(user, item, COLS, ITEMS, ids, USERS, offsets, excluded, K, ...own);
  kernels.topK(user, item, COLS, ITEMS, ids, USERS, offsets, excluded, K, ...cpu);
  expect(own).toEqual(cpu);
  const { again } = ranker;
  const counts = () => [kernels.i32(targets.length), kernels.i32(targets.length)] as const;
  const [found, expected] = [counts(), counts()];
  const args = [user, item, COLS, ITEMS, ids, starts, targets, USERS, offsets, excluded] as const;
  await ranker.rankCounts(...args, ...found);
  kernels.rankCounts(...args, ...expected);
  expect(found).toEqual(expected);
  return { lists: again, counts: ranker.again - again };
}

/** Between -1 and 1, of either sign for neighbours. */
const noise = (row: number, item: number) => Math.sin(12.9898 * row + 78.233 * item);

describe("a ranking on a device", () => {
  /** As a device may err: up to the bound of each user. */
  const errorsOf = (share: number, numbers = apart) => {
    const { user, item, ids } = world(numbers);
    const errorOf = scoreErrors(user, item, COLS, ITEMS, ids);
    const known = new Map(
      Array.from(ids, (u) => [user.subarray(u * COLS, (u + 1) * COLS).join(), errorOf?.(u) ?? Number.NaN]),
    );
    return (row: number, i: number, u: readonly number[]) => share * noise(row, i) * (known.get(u.join()) as number);
  };

  it("has the CPU's bits whatever the rounding of the device, also in blocks", async () => {
    // Scores are multiples of 2^-12 and the bound is about 2^-15, so that rounding cannot mix two of them up.
    expect(await compare(device(() => 0))).toEqual({ lists: 0, counts: 0 });
    for (const blockBytes of [undefined, 4_000]) {
      expect(await compare(device(errorsOf(0.9)), blockBytes)).toEqual({ lists: 0, counts: 0 });
    }
  });

  it("has the CPU's bits also where rounding decides: the CPU ranks these users", async () => {
    const { lists } = await compare(device(errorsOf(0.9, alike)), 4_000, alike);
    expect(lists).toBe(USERS);
  });

  it("believes no device whose scores are further away than arithmetic explains", async () => {
    const { lists, counts } = await compare(device((row, i) => noise(row, i)));
    expect(lists).toBe(USERS);
    expect(counts).toBeGreaterThan(USERS / 2);
  });

  it("believes no device that lists nothing, or zeros", async () => {
    const silent = device((_, __, user) => -user.length * 1e30);
    expect((await compare(silent)).lists).toBe(USERS);
    expect((await compare(device(() => Number.NaN))).lists).toBe(USERS);
  });

  it("fails with what the device reports", async () => {
    let failure: DeviceFailure | null = { kind: "memory", message: "no buffer" };
    const failing: LoadedDevice = {
      ...device(() => 0),
      failure: () => {
        const told = failure;
        failure = null;
        return told;
      },
    };
    await expect(compare(failing)).rejects.toMatchObject({ data: { code: "KDP8006", place: "test" } });
    expect(await compare(failing)).toEqual({ lists: 0, counts: 0 });
  });

  it("is none without the kernels for it", () => {
    expect(deviceRanker({ kernels, device: { tf, found: "a test" }, node: "test" })).toBeNull();
  });
});
