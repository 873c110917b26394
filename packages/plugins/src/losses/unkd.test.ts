import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { Tf } from "@kdp/plugin-api";
import { lossTrial, sampleWorld, testStream } from "@kdp/plugin-api/testing";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { loadTf } from "../../test/tensorflow.js";
import { popularityGroups } from "./shared/popularity-groups.js";
import { sortByScore } from "./shared/sort-by-score.js";
import { groupQuotas, unkd } from "./unkd.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 15, items: 40, cols: 5 });
const params = { pairs: 7, temperature: 5 };

const counts = new Int32Array(world.items);
for (const item of world.train.itemIds) counts[item] = (counts[item] ?? 0) + 1;

describe("popularityGroups", () => {
  it("cuts by hand-worked counts: the item that would overflow starts the next group", () => {
    // Sum 20, half 10: 6 + 4 fill the first group, 3 would overflow.
    expect(popularityGroups(Int32Array.of(1, 6, 3, 4, 2, 4), 2).map((g) => [...g])).toEqual([
      [1, 3],
      [5, 2, 4, 0],
    ]);
  });
  it("joins a tail of less than half the average to the group before", () => {
    expect(popularityGroups(Int32Array.of(80, 12, 8), 2).map((g) => [...g])).toEqual([[0, 1, 2]]);
  });
  it("loses no item", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 6 }), (list, g) => {
        const groups = popularityGroups(Int32Array.from(list), g);
        expect(groups.flatMap((group) => [...group]).sort((a, b) => a - b)).toEqual([...list.keys()]);
        expect(groups.length).toBeLessThanOrEqual(g);
      }),
    );
  });
});

describe("groupQuotas", () => {
  it("is even at lambda 0 and leans to the unpopular beyond", () => {
    expect(groupQuotas([30, 2], 0, 30)).toEqual([15, 15]);
    // Shares (32 - 30, 32 - 2) / 32 = .06, .94, floored at .1: 30 · .1 / 1.04 = 2.9, 27.1.
    expect(groupQuotas([30, 2], 1, 30)).toEqual([3, 27]);
    expect(groupQuotas([9, 5, 1], 0, 10)).toEqual([4, 3, 3]);
  });
});

it("sortByScore sorts as a comparison would, as many as are wanted, and leaves out what has no score", () => {
  // Few distinct values make ties, the rest is any float.
  const score = fc.oneof(fc.float(), fc.constantFrom(0, -0, 1, -1, Number.NEGATIVE_INFINITY));
  fc.assert(
    fc.property(fc.array(score, { maxLength: 80 }), fc.nat(90), (list, limit) => {
      const scores = Float32Array.from(list);
      const ids = Int32Array.from(list.keys()).reverse();
      const wanted = [...list.keys()]
        .filter((id) => (scores[id] as number) > Number.NEGATIVE_INFINITY)
        .sort((a, b) => (scores[a] === scores[b] ? a - b : (scores[b] as number) > (scores[a] as number) ? 1 : -1));
      const n = sortByScore(scores, ids, limit);
      expect([...ids.subarray(0, n)]).toEqual(wanted.slice(0, limit));
    }),
    { numRuns: 500 },
  );
});

describe("unkd", () => {
  it("has the gradient of its value, and the kernels agree", async () => {
    const trial = lossTrial({ tf, kernels: await createKernels(), loss: unkd, world, params });
    trial.startEpoch(0);
    trial.step(world.batch(20));
    expectSlopes(trial);
    expectFusedAgrees(trial);
  });

  it("is the mean over pairs times the triplets of the step", () => {
    const zeros = { user: new Array(15).fill(0), item: new Array(40).fill(0), cols: 1 };
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: unkd, world, params, student: zeros });
    trial.startEpoch(0);
    trial.step(world.batch(20));
    expect(trial.value()).toBeCloseTo(20 * Math.log(2), 4);
  });

  it("pairs unseen items of one group, the better ranked one first, with the quota of each group", () => {
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: unkd, world, params });
    const groups = popularityGroups(counts, 2);
    const scoreOf = (u: number, i: number) => {
      const out = new Float32Array(1);
      world.teacher.scores?.({ side: "user", ids: Int32Array.of(u), others: Int32Array.of(i), rows: 1, k: 1 }, out);
      return out[0] as number;
    };
    trial.startEpoch(0);
    const lists = Object.values(trial.step(world.batch(30)).scores ?? {});
    expect(lists.map((l) => l.k)).toEqual([14]);
    for (const { ids, others, rows } of lists) {
      for (let r = 0; r < rows; r++) {
        const u = ids[r] as number;
        const known = world.train.itemIds.subarray(world.train.offsets[u], world.train.offsets[u + 1]);
        const perGroup = [0, 0];
        for (let at = r * 14; at < r * 14 + 14; at += 2) {
          const [a, b] = [others[at] as number, others[at + 1] as number];
          const group = groups.findIndex((g) => g.includes(a));
          expect(groups[group]?.includes(b)).toBe(true);
          expect(known.includes(a) || known.includes(b)).toBe(false);
          expect(scoreOf(u, a)).toBeGreaterThan(scoreOf(u, b));
          perGroup[group] = (perGroup[group] ?? 0) + 1;
        }
        expect(perGroup).toEqual([4, 3]);
      }
    }
  });

  it("leaves out a group that a user has nothing to compare in, and says so", () => {
    const train = { users: 1, items: 4, offsets: Int32Array.of(0, 3), itemIds: Int32Array.of(0, 1, 2) };
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: unkd,
      world: { ...sampleWorld({ users: 1, items: 4, perUser: 1 }), train },
      params,
    });
    trial.startEpoch(0);
    expect(trial.notes.at(-1)).toBe(
      "KDP7204: 1 of 1 users have a group with fewer than 2 unseen items that the teacher tells apart",
    );
    trial.step(sampleWorld({ users: 1, items: 4, perUser: 1 }).batch(2));
    expect(trial.value()).toBe(0);
    expect(trial.fused()?.value).toBe(0);
  });

  it("teaches nothing of items that the teacher has no score for, and nothing to a user of whom it knows nothing", () => {
    const scores: NonNullable<typeof world.teacher.scores> = (list, out) => {
      world.teacher.scores?.(list, out);
      for (let at = 0; at < list.rows * list.k; at++) {
        const user = list.ids[Math.floor(at / list.k)] as number;
        if (user === 3 || (list.others[at] as number) % 2 === 1) out[at] = Number.NEGATIVE_INFINITY;
      }
    };
    const teacher = { ...world.teacher, scores };
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: unkd, world: { ...world, teacher }, params });
    trial.startEpoch(0);
    const lists = Object.values(trial.step(world.batch(60)).scores ?? {});
    expect(lists.length).toBeGreaterThan(0);
    expect(lists.flatMap(({ ids }) => [...ids])).not.toContain(3);
    expect(lists.flatMap(({ others }) => [...others]).filter((item) => item % 2 === 1)).toEqual([]);
  });

  it("teaches no order where the teacher scores all alike", () => {
    const teacher = { ...world.teacher, scores: (_: unknown, out: Float32Array) => out.fill(2) };
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: unkd, world: { ...world, teacher }, params });
    trial.startEpoch(0);
    expect(trial.step(world.batch(20))).toEqual({ scores: {} });
    expect(trial.value()).toBe(0);
    expect(trial.notes.at(-1)).toMatch(/^KDP7204: 15 of 15 users have a group/);
  });

  it("ends even where every draw falls on one item", () => {
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: unkd, world, params: { temperature: 1e-3 } });
    trial.startEpoch(0);
    trial.step(world.batch(5));
    expect(trial.value()).toBeGreaterThan(0);
  });

  it("is the same under the same seed and differs from epoch to epoch", () => {
    const run = (seed: number, epoch: number) => {
      const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: unkd, world, params, seed });
      trial.startEpoch(epoch);
      trial.step(world.batch(20, 0, testStream("order")));
      return trial.value();
    };
    expect(run(1, 2)).toBe(run(1, 2));
    expect(run(1, 3)).not.toBe(run(1, 2));
    expect(run(2, 2)).not.toBe(run(1, 2));
  });
});
