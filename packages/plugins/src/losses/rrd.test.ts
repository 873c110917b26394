import { existsSync, readFileSync } from "node:fs";
import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { TeacherView, Tf } from "@kdp/plugin-api";
import { batchOf, lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
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
  it("has the published value and gradient", () => {
    // The two rows of the published example, summed: 6.6729970566418295. Copied, so that this runs without the golden file.
    const first = trialWithScores([2, 1, 0.5], [-1, 0]);
    const second = trialWithScores([0.1, -0.3, 0.2], [0.3, 0.4]);
    expect((first.plain().value ?? 0) + (second.plain().value ?? 0)).toBeCloseTo(6.6729970566418295, 5);
    expect((first.fused()?.value ?? 0) + (second.fused()?.value ?? 0)).toBeCloseTo(6.6729970566418295, 5);
    const wanted = [
      -0.4369787681858156, -0.3188852176184629, -0.04033361443591987, 0.214130514299978, 0.5820670859402199,
    ];
    wanted.forEach((slope, i) => {
      expect(first.plain().gradients.item?.[i]).toBeCloseTo(slope, 5);
      expect(first.fused()?.gradients.item?.[i]).toBeCloseTo(slope, 5);
    });
  });

  const golden = new URL("../../../../../shared/golden/losses.json", import.meta.url);
  it.skipIf(!existsSync(golden))("agrees with the golden file (skipped where ../shared is absent)", () => {
    const { rrd: g } = JSON.parse(readFileSync(golden, "utf8"));
    const trials = g.S1.map((s1: number[], r: number) => trialWithScores(s1, g.S2[r]));
    const value = trials.reduce(
      (sum: number, t: ReturnType<typeof trialWithScores>) => sum + (t.fused()?.value ?? 0),
      0,
    );
    expect(Math.abs(value - g.loss) / g.loss).toBeLessThan(2e-6);
    trials.forEach((trial: ReturnType<typeof trialWithScores>, r: number) => {
      [...g.dS1[r], ...g.dS2[r]].forEach((slope: number, i: number) => {
        expect(trial.fused()?.gradients.item?.[i]).toBeCloseTo(slope, 5);
      });
    });
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
