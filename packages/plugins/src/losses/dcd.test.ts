import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { RankingTable, Tf } from "@kdp/plugin-api";
import { lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { loadTf } from "../../test/tensorflow.js";
import { dcd } from "./dcd.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 15, items: 80, ranking: 40 });
const ranking = world.teacher.ranking as RankingTable;
const params = { items: 6, pool: 30, temperature: 4 };

describe("dcd", () => {
  it("has the gradient of its value, and the kernels agree", async () => {
    const trial = lossTrial({ tf, kernels: await createKernels(), loss: dcd, world, params });
    trial.startEpoch(0);
    trial.step(world.batch(20));
    expectSlopes(trial);
    expectFusedAgrees(trial);
  });

  it("puts items that the student ranks too low above those it ranks too high, in the teacher's order", () => {
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: dcd, world, params });
    const own = trial.student.view(world.train).topK(80);
    let right = 0;
    let all = 0;
    for (let epoch = 0; epoch < 10; epoch++) {
      trial.startEpoch(epoch);
      for (const { ids, others, rows, k } of Object.values(trial.step(world.batch(60)).scores ?? {})) {
        expect(k).toBe(12);
        for (let r = 0; r < rows; r++) {
          const user = ids[r] as number;
          const teacher = [...ranking.ids.subarray(user * 40, user * 40 + 30)];
          const student = [...own.ids.subarray(user * 80, user * 80 + 80)];
          const listed = [...others.subarray(r * 12, r * 12 + 12)];
          const places = listed.map((item) => teacher.indexOf(item));
          expect(places).not.toContain(-1);
          expect(new Set(listed).size).toBe(12);
          expect(places.slice(0, 6)).toEqual(places.slice(0, 6).sort((a, b) => a - b));
          const gaps = listed.map((item, i) => student.indexOf(item) - (places[i] as number));
          right += gaps.slice(0, 6).filter((g) => g > 0).length + gaps.slice(6).filter((g) => g < 0).length;
          all += 12;
        }
      }
    }
    // A random student has enough of both kinds; the floor of the weights draws others one time in thousands.
    expect(right / all).toBeGreaterThan(0.85);
  });

  it("teaches nothing but an even draw where the student ranks as the teacher does", () => {
    const embeddings = world.teacher.embeddings;
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: dcd,
      world,
      params,
      student: {
        user: embeddings?.user?.values ?? [],
        item: embeddings?.item?.values ?? [],
        cols: embeddings?.user?.cols ?? 0,
      },
    });
    const hits = new Array<number>(30).fill(0);
    for (let epoch = 0; epoch < 60; epoch++) {
      trial.startEpoch(epoch);
      for (const { ids, others, rows } of Object.values(trial.step(world.batch(60)).scores ?? {})) {
        for (let r = 0; r < rows; r++) {
          const at = (ids[r] as number) * 40;
          const teacher = [...ranking.ids.subarray(at, at + 30)];
          for (const item of others.subarray(r * 12, r * 12 + 6)) {
            const place = teacher.indexOf(item);
            hits[place] = (hits[place] ?? 0) + 1;
          }
        }
      }
    }
    const mean = hits.reduce((a, b) => a + b, 0) / 30;
    for (const h of hits) expect(Math.abs(h / mean - 1)).toBeLessThan(0.5);
  });

  it("halves a pool that is too short for both lists, and says so", () => {
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: dcd, world, params: { items: 100, pool: 30 } });
    trial.startEpoch(0);
    expect(trial.notes).toEqual(["KDP7204: 15 of 15 users have fewer than 2 x 100 ranked items"]);
    const lists = Object.values(trial.step(world.batch(20)).scores ?? {});
    expect(lists.map((l) => l.k)).toEqual([30]);
    expect(Number.isFinite(trial.value())).toBe(true);
  });

  it("is the same under the same seed and differs from epoch to epoch", () => {
    const run = (seed: number, epoch: number) => {
      const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: dcd, world, params, seed });
      trial.startEpoch(epoch);
      trial.step(world.batch(20));
      return trial.value();
    };
    expect(run(1, 2)).toBe(run(1, 2));
    expect(run(1, 3)).not.toBe(run(1, 2));
    expect(run(2, 2)).not.toBe(run(1, 2));
  });
});
