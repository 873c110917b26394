import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { RankingTable, Tf } from "@kdp/plugin-api";
import { batchOf, lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { golden } from "../../test/golden.js";
import { loadTf } from "../../test/tensorflow.js";
import { discrepancyWeight, positionWeights, rd } from "./rd.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 15, items: 60, ranking: 12 });
const params = { top: 5, samples: 8, mu: 0.05 };

describe("rd", () => {
  it("weighs as the published code (numbers of its run)", () => {
    const fixed = positionWeights(5, 1);
    expect([...fixed].map((w) => Number(w.toFixed(6)))).toEqual([0.636409, 0.234122, 0.086129, 0.031685, 0.011656]);
    const dynamic = [40, 0, 7, 2, 3].map((r, i) => discrepancyWeight(r, i, 0.1));
    expect(dynamic.map((w) => Number(w.toFixed(6)))).toEqual([0.999329, 0, 0.462117, 0, 0]);
  });

  it("gives all golden weights", () => {
    const want = golden.rd;
    const fixed = positionWeights(want.static.length, 1);
    want.predRank.forEach((rank, r) => {
      const dynamic = discrepancyWeight(rank, r, 0.1);
      expect(fixed[r]).toBeCloseTo(want.static[r] as number, 6);
      expect(dynamic).toBeCloseTo(want.dynamic[r] as number, 6);
      expect((fixed[r] as number) * dynamic).toBeCloseTo(want.hybrid[r] as number, 6);
    });
  });

  it.each([false, true])("gives a value worked out by hand (renormalize: %s)", (renormalize) => {
    // Ranking [1, 2], scores of items 0..3: 0, 1, -1, 3; item 0 is known, item 3 is the only one to sample: it scores above
    // both, r̂ = (4 - 1) · 1 = 3. Weights: e^0, e^-1 normalised, times tanh(.5 · 3), tanh(.5 · 2).
    const ranking: RankingTable = { rows: 1, k: 2, ids: Int32Array.of(1, 2), scores: null };
    const small = sampleWorld({ users: 1, items: 4, perUser: 1 });
    const train = { users: 1, items: 4, offsets: Int32Array.of(0, 1), itemIds: Int32Array.of(0) };
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: rd,
      world: { ...small, train, teacher: { name: "t", ranking } },
      params: { top: 2, samples: 5, mu: 0.5, start_epoch: 0, renormalize },
      student: { user: [1], item: [0, 1, -1, 3], cols: 1 },
    });
    trial.startEpoch(0);
    trial.step(batchOf([[0, 0, 3]]));
    const a = 1 / (1 + Math.exp(-1));
    const raw = [a * Math.tanh(1.5), (1 - a) * Math.tanh(1)] as const;
    const [w1, w2] = raw.map((w) => (renormalize ? w / (raw[0] + raw[1]) : w)) as [number, number];
    const want = w1 * Math.log(1 + Math.exp(-1)) + w2 * Math.log(1 + Math.exp(1));
    expect(trial.value()).toBeCloseTo(want, 5);
    expect(trial.fused()?.value).toBeCloseTo(want, 5);
    const { item } = trial.plain().gradients;
    expect(item?.[1]).toBeCloseTo(-w1 / (1 + Math.exp(1)), 5);
    // The weights, which the sampled item moves, carry no gradient.
    expect(item?.[3]).toBe(0);
  });

  it.each([{ epoch: 0 }, { epoch: 12 }, { epoch: 12, renormalize: true }])(
    "has the gradient of its value, and the kernels agree: %o",
    async ({ epoch, ...more }) => {
      const trial = lossTrial({ tf, kernels: await createKernels(), loss: rd, world, params: { ...params, ...more } });
      trial.startEpoch(epoch);
      trial.step(world.batch(20));
      // Weights jump where a sampled item passes a taught one; they are constant in between.
      if (epoch === 0) expectSlopes(trial);
      expectFusedAgrees(trial);
      expect(trial.value()).toBeGreaterThan(0);
    },
  );

  it.each([false, true])(
    "gives nothing where no sampled item scores above: all scores equal (renormalize: %s)",
    (renormalize) => {
      const trial = lossTrial({
        tf,
        kernels: createPlainKernels(),
        loss: rd,
        world,
        params: { ...params, renormalize },
        student: { user: new Array(15).fill(0), item: new Array(60).fill(0), cols: 1 },
      });
      trial.startEpoch(20);
      trial.step(world.batch(20));
      expect(trial.value()).toBe(0);
      expect(trial.fused()?.value).toBe(0);
    },
  );

  it("is the same under the same seed and differs from epoch to epoch", () => {
    const run = (seed: number, epoch: number) => {
      const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: rd, world, params, seed });
      trial.startEpoch(epoch);
      trial.step(world.batch(20));
      return trial.value();
    };
    expect(run(1, 12)).toBe(run(1, 12));
    expect(run(1, 13)).not.toBe(run(1, 12));
    expect(run(2, 12)).not.toBe(run(1, 12));
  });
});
