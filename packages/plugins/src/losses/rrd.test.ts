import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { TeacherView, Tf } from "@kdp/plugin-api";
import { batchOf, lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { golden } from "../../test/golden.js";
import { loadTf } from "../../test/tensorflow.js";
import { rrd } from "./rrd.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 14, items: 40, cols: 5 });

/** A student of width 1 whose user row is 1 scores item i with its item row: the scores of the list itself. */
function trialWithScores(ranked: readonly number[], rest: readonly number[]) {
  const items = ranked.length + rest.length + 1;
  const known = items - 1;
  const ids = Int32Array.from(ranked.keys());
  const teacher: TeacherView = { name: "t", ranking: { rows: 1, k: ids.length, ids, scores: null } };
  const base = sampleWorld({ users: 1, items, perUser: 1 });
  const train = { users: 1, items, offsets: Int32Array.of(0, 1), itemIds: Int32Array.of(known) };
  const trial = lossTrial({
    tf,
    kernels: createPlainKernels(),
    loss: rrd,
    world: { ...base, train, teacher },
    params: { sampling: "none", interesting: ranked.length, uninteresting: rest.length },
    student: { user: [1], item: [...ranked, ...rest, 0], cols: 1 },
  });
  trial.startEpoch(0);
  trial.step(batchOf([[0, known, 0]]));
  return trial;
}

describe("rrd", () => {
  it("has the published value and gradient in both forms", () => {
    const { S1, S2, dS1, dS2, loss } = golden.rrd;
    const trials = S1.map((ranked, r) => trialWithScores(ranked, S2[r] as readonly number[]));
    for (const form of ["plain", "fused"] as const) {
      const outcomes = trials.map((trial) => trial[form]());
      const value = outcomes.reduce((sum, outcome) => sum + (outcome?.value ?? Number.NaN), 0);
      expect(Math.abs(value / loss - 1)).toBeLessThan(2e-6);
      outcomes.forEach((outcome, r) => {
        [...(dS1[r] ?? []), ...(dS2[r] ?? [])].forEach((slope, i) => {
          expect(Math.abs((outcome?.gradients.item?.[i] ?? Number.NaN) - slope)).toBeLessThan(2e-5);
        });
      });
    }
  });

  it.each([
    { sampling: "rank-exp", interesting: 4, uninteresting: 6, pool: 12 },
    { sampling: "none", interesting: 5, uninteresting: 5 },
    { sampling: "none", interesting: 5, uninteresting: 0 },
  ])("has the gradient of its value, and the kernels agree: %o", async (params) => {
    const trial = lossTrial({ tf, kernels: await createKernels(), loss: rrd, world, params });
    trial.startEpoch(0);
    trial.step(world.batch(20));
    expectSlopes(trial);
    expectFusedAgrees(trial);
  });

  it("does not overflow on large scores", () => {
    const trial = trialWithScores([500, 300, -200], [400, -300]);
    // The second and third are below an uninteresting item: 0 + (400 - 300) + (400 + 200).
    expect(trial.plain().value).toBeCloseTo(700, 2);
    expect(trial.fused()?.value).toBeCloseTo(700, 2);
  });

  it("draws new lists each epoch, the same under the same seed, ordered as the teacher orders, never a known item", () => {
    const lists = (epoch: number, seed: number) => {
      const params = { interesting: 4, uninteresting: 6, pool: 10, temperature: 5 };
      const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: rrd, world, params, seed });
      trial.startEpoch(epoch);
      return Object.values(trial.step(world.batch(30)).scores ?? {})[0];
    };
    const list = lists(0, 0);
    expect(lists(0, 0)?.others).toEqual(list?.others);
    expect(lists(1, 0)?.others).not.toEqual(list?.others);
    expect(lists(0, 1)?.others).not.toEqual(list?.others);
    const ranking = world.teacher.ranking;
    if (!list || !ranking) throw new Error("the sample world has a ranking");
    for (let r = 0; r < list.rows; r++) {
      const user = list.ids[r] as number;
      const row = [...list.others.subarray(r * list.k, (r + 1) * list.k)];
      const favourites = [...ranking.ids.subarray(user * ranking.k, user * ranking.k + 10)];
      const places = row.slice(0, 4).map((item) => favourites.indexOf(item));
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
      const known = [...world.train.itemIds.subarray(world.train.offsets[user], world.train.offsets[user + 1])];
      expect(row.filter((item) => known.includes(item))).toEqual([]);
      expect(row.slice(4).filter((item) => favourites.includes(item))).toEqual([]);
      expect(new Set(row).size).toBe(row.length);
    }
  });

  it("says how many users have short rankings", () => {
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: rrd,
      world,
      params: { sampling: "none", interesting: 1000 },
    });
    trial.startEpoch(0);
    expect(trial.notes.join()).toContain("14 of 14 users have fewer than 1000 ranked items");
  });
});
