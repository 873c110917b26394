import type { Kernels } from "@kdp/plugin-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRankingPool, type RankingPool } from "../src/index.js";
import { bothKernels, csr, normals } from "./support.js";

const [users, items, cols, k] = [1700, 300, 6, 10];

function problem(kernels: Kernels) {
  const excluded = csr(1, users, items, 5);
  const targets = csr(2, users, items, 1);
  return {
    user: kernels.f32From(normals(3, users * cols)),
    item: kernels.f32From(normals(4, items * cols)),
    userIds: kernels.i32From(Int32Array.from({ length: users }, (_, r) => users - 1 - r)),
    offsets: kernels.i32From(excluded.offsets),
    excluded: kernels.i32From(excluded.columns),
    targetOffsets: kernels.i32From(targets.offsets),
    targets: kernels.i32From(targets.columns),
    outItems: kernels.i32(users * k),
    outScores: kernels.f32(users * k),
    above: kernels.i32(targets.columns.length),
    ties: kernels.i32(targets.columns.length),
  };
}

describe("ranking pool", () => {
  let wasm: Kernels;
  let plain: Kernels;
  const pools: RankingPool[] = [];
  beforeAll(async () => {
    ({ wasm, plain } = await bothKernels());
  });
  afterAll(async () => {
    for (const pool of pools) await pool.close();
  });

  const solve = async (kernels: Kernels, threads: number) => {
    const pool = createRankingPool(kernels, { threads });
    pools.push(pool);
    const p = problem(kernels);
    // Memory grown after the threads were started must be seen by them.
    const late = kernels.f32(3_000_000);
    const [outItems, outScores] = [p.outItems, late.subarray(2_900_000, 2_900_000 + users * k)];
    await Promise.all([
      pool.topK(p.user, p.item, cols, items, p.userIds, users, p.offsets, p.excluded, k, outItems, outScores),
      pool.rankCounts(
        ...([p.user, p.item, cols, items, p.userIds, p.targetOffsets, p.targets, users] as const),
        ...([p.offsets, p.excluded, p.above, p.ties] as const),
      ),
    ]);
    return [outItems, outScores, p.above, p.ties].map((view) => Array.from(view));
  };

  it("gives the same bits with any number of threads", async () => {
    const one = await solve(wasm, 1);
    expect(one[0]?.some((id) => id > 0)).toBe(true);
    expect(await solve(wasm, 2)).toEqual(one);
    expect(await solve(wasm, 5)).toEqual(one);
    expect(await solve(plain, 3)).toEqual(one);
  });

  it("passes on what a thread complains about, after all ranges ended", async () => {
    const pool = createRankingPool(wasm, { threads: 2 });
    pools.push(pool);
    const p = problem(wasm);
    p.userIds[1600] = users;
    const { user, item, userIds, offsets, excluded, outItems, outScores } = p;
    await expect(
      pool.topK(user, item, cols, items, userIds, users, offsets, excluded, k, outItems, outScores),
    ).rejects.toThrow(/userIds\[\d+\] is 1700, but there are 1700 rows/);
    userIds[1600] = 0;
    await pool.topK(user, item, cols, items, userIds, users, offsets, excluded, k, outItems, outScores);
  });

  it("refuses calls after it was closed", async () => {
    const pool = createRankingPool(wasm, { threads: 2 });
    await pool.close();
    const p = problem(wasm);
    const call = pool.topK(
      ...([p.user, p.item, cols, items, p.userIds, users, p.offsets, p.excluded, k, p.outItems, p.outScores] as const),
    );
    await expect(call).rejects.toThrow(/closed/);
  });
});
