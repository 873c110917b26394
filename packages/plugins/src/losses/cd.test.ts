import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { RankingTable, Tf } from "@kdp/plugin-api";
import { batchOf, lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { loadTf } from "../../test/tensorflow.js";
import { cd } from "./cd.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 15, items: 60, ranking: 30 });
const params = { items: 6, pool: 25, spread: 0.3 };

describe("cd", () => {
  it("gives a value worked out by hand: cross-entropy with the softened teacher", () => {
    // The only ranked item: teacher's score 3, shift 1, temperature 2: q = σ(2). Student's score .5.
    const ranking: RankingTable = { rows: 1, k: 1, ids: Int32Array.of(1), scores: null };
    const teacher = { name: "t", ranking, scores: (_: unknown, out: Float32Array) => out.fill(3) };
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: cd,
      world: { ...sampleWorld({ users: 1, items: 2, perUser: 1 }), teacher },
      params: { shift: 1 },
      student: { user: [0.5], item: [9, 1], cols: 1 },
    });
    expect(trial.notes).toEqual([]);
    trial.startEpoch(0);
    expect(trial.notes).toEqual(["KDP7204: 1 of 1 users have fewer than 30 ranked items"]);
    trial.step(batchOf([[0, 0, 1]]));
    const sigma = (x: number) => 1 / (1 + Math.exp(-x));
    const [q, p] = [sigma(2), sigma(0.5)];
    const want = -(q * Math.log(p) + (1 - q) * Math.log(1 - p));
    expect(trial.value()).toBeCloseTo(want, 6);
    expect(trial.fused()?.value).toBeCloseTo(want, 6);
    expect(trial.plain().gradients.item?.[1]).toBeCloseTo(0.5 * (p - q), 6);
  });

  it.each(["teacher", "student"])(
    "has the gradient of its value, and the kernels agree, guided by the %s",
    async (guide) => {
      const trial = lossTrial({ tf, kernels: await createKernels(), loss: cd, world, params: { ...params, guide } });
      trial.startEpoch(0);
      trial.step(world.batch(20));
      expectSlopes(trial);
      expectFusedAgrees(trial);
    },
  );

  it("draws distinct items of the guide's pool, better ones more often", () => {
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: cd, world, params });
    const ranking = world.teacher.ranking as RankingTable;
    const places: number[] = [];
    for (let epoch = 0; epoch < 20; epoch++) {
      trial.startEpoch(epoch);
      for (const { ids, others, rows, k } of Object.values(trial.step(world.batch(40)).scores ?? {})) {
        for (let r = 0; r < rows; r++) {
          const user = ids[r] as number;
          const favourites = [...ranking.ids.subarray(user * 30, user * 30 + 25)];
          const own = [...others.subarray(r * k, (r + 1) * k)].map((item) => favourites.indexOf(item));
          expect(own).toHaveLength(6);
          expect(new Set(own).size).toBe(6);
          expect(own).not.toContain(-1);
          places.push(...own);
        }
      }
    }
    const upper = places.filter((r) => r < 12).length / places.length;
    expect(upper).toBeGreaterThan(0.7);
  });

  it("follows the student's own ranking when the student guides", () => {
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: cd,
      world,
      params: { items: 3, pool: 3, guide: "student" },
    });
    trial.startEpoch(0);
    const top = trial.student.view(world.train).topK(3);
    for (const { ids, others, rows } of Object.values(trial.step(world.batch(20)).scores ?? {})) {
      for (let r = 0; r < rows; r++) {
        const user = ids[r] as number;
        expect([...others.subarray(r * 3, r * 3 + 3)]).toEqual([...top.ids.subarray(user * 3, user * 3 + 3)]);
      }
    }
  });

  it("leaves out what the student lists and the teacher has no score for", async () => {
    const scores: NonNullable<typeof world.teacher.scores> = (list, out) => {
      world.teacher.scores?.(list, out);
      for (let at = 0; at < list.rows * list.k; at++) {
        const user = list.ids[Math.floor(at / list.k)] as number;
        if (user === 3 || (list.others[at] as number) % 2 === 1) out[at] = Number.NEGATIVE_INFINITY;
      }
    };
    const trial = lossTrial({
      tf,
      kernels: await createKernels(),
      loss: cd,
      world: { ...world, teacher: { ...world.teacher, scores } },
      params: { items: 6, pool: 20, guide: "student" },
    });
    trial.startEpoch(0);
    expect(trial.notes[0]).toMatch(
      /KDP7204: \d+ of 15 users have fewer than 6 items on their lists that the teacher scores/,
    );
    const lists = Object.values(trial.step(world.batch(60)).scores ?? {});
    expect(lists.length).toBeGreaterThan(0);
    expect(lists.flatMap(({ ids }) => [...ids])).not.toContain(3);
    expect(lists.flatMap(({ others }) => [...others]).filter((item) => item % 2 === 1)).toEqual([]);
    expect(Number.isFinite(trial.value())).toBe(true);
    expectFusedAgrees(trial);
  });

  it("is the same under the same seed and differs from epoch to epoch", () => {
    const run = (seed: number, epoch: number) => {
      const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: cd, world, params, seed });
      trial.startEpoch(epoch);
      trial.step(world.batch(20));
      return trial.value();
    };
    expect(run(1, 2)).toBe(run(1, 2));
    expect(run(1, 3)).not.toBe(run(1, 2));
    expect(run(2, 2)).not.toBe(run(1, 2));
  });
});
