import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { Kernels, Tf } from "@kdp/plugin-api";
import { type LossTrial, lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { golden } from "../../test/golden.js";
import { loadTf } from "../../test/tensorflow.js";
import { TOPOLOGY, topologyBatch, topologyStudent, topologyWorld } from "../../test/topology-golden.js";
import { htd } from "./htd.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 14, items: 30, cols: 7 });

/** Sets a gate of two groups so that the given teacher rows fall in the given groups, by the perceptron rule. */
function separate(trial: LossTrial, side: "user" | "item", rows: readonly number[][], groups: readonly number[]): void {
  const w = [0, 0, 0, 0];
  const lean = (x: number[]) => [...x, 1].reduce((sum, v, c) => sum + v * (w[c] as number), 0);
  for (let pass = 0; pass < 10_000; pass++) {
    const wrong = rows.findIndex((x, r) => lean(x) * (groups[r] === 1 ? 1 : -1) <= 0.05);
    if (wrong < 0) break;
    [...(rows[wrong] as number[]), 1].forEach((v, c) => {
      w[c] = (w[c] as number) + (groups[wrong] === 1 ? v : -v);
    });
  }
  expect(rows.map((x) => (lean(x) > 0 ? 1 : 0))).toEqual(groups);
  trial.state[`${side}/gate/w`]?.value.set([0, w[0] as number, 0, w[1] as number, 0, w[2] as number]);
  trial.state[`${side}/gate/b`]?.value.set([0, w[3] as number]);
}

const rowsOf = (values: readonly number[], ids: readonly number[]) => ids.map((id) => values.slice(3 * id, 3 * id + 3));

function goldenTrial(kernels: Kernels, params: Record<string, unknown>): LossTrial {
  const trial = lossTrial({
    tf,
    kernels,
    loss: htd,
    world: topologyWorld,
    student: topologyStudent,
    params: { groups: 2, gamma: 1, ...params },
  });
  separate(trial, "user", rowsOf(TOPOLOGY.userT, [0, 1, 3]), TOPOLOGY.zUsers);
  separate(trial, "item", rowsOf(TOPOLOGY.itemT, [0, 2, 3, 4]), TOPOLOGY.zItems);
  trial.startEpoch(0);
  trial.step(topologyBatch);
  return trial;
}

describe("htd", () => {
  it.each([
    { name: "htd_td_first" as const, group_term: "prototypes", loss: 13.004835 },
    { name: "htd_td_second" as const, group_term: "entities", loss: 18.689634 },
  ])("has the published topology terms, $group_term", async ({ name, group_term, loss }) => {
    const trial = goldenTrial(await createKernels(), { group_term });
    const published = golden[name];
    for (const outcome of [trial.plain(), trial.fused()]) {
      expect(Math.abs((outcome?.value as number) - loss) / loss).toBeLessThan(2e-6);
      published.dUserS.flat().forEach((slope, i) => {
        expect(Math.abs((outcome?.gradients.user?.[i] as number) - slope)).toBeLessThan(
          Math.max(2e-5, 1e-5 * Math.abs(slope)),
        );
      });
      published.dItemS.flat().forEach((slope, i) => {
        expect(Math.abs((outcome?.gradients.item?.[i] as number) - slope)).toBeLessThan(
          Math.max(2e-5, 1e-5 * Math.abs(slope)),
        );
      });
    }
  });

  it.each([
    {},
    { gamma: 0 },
    { gamma: 1 },
    { group_term: "prototypes" },
    { group_term: "prototypes", prototype_grad: true },
    { prototype_grad: true },
    { mask_own_group: true },
    { mask_own_group: true, positive_only: false, prototype_grad: true },
  ])("agrees between plain form and kernels: %o", async (params) => {
    const trial = lossTrial({
      tf,
      kernels: await createKernels(),
      loss: htd,
      world,
      params: { groups: 4, hidden: 5, ...params },
    });
    trial.startEpoch(0);
    trial.step(world.batch(20));
    expectFusedAgrees(trial, 2e-4);
  });

  it.each([{ positive_only: true }, { positive_only: false }])(
    "agrees with all pairs where groups are large and collapse to products: %o",
    async (params) => {
      const crowd = sampleWorld({ users: 150, items: 150, cols: 7 });
      const trial = lossTrial({
        tf,
        kernels: await createKernels(),
        loss: htd,
        world: crowd,
        params: { groups: 2, gamma: 1, ...params },
      });
      trial.startEpoch(0);
      trial.step(crowd.batch(300));
      expectFusedAgrees(trial, 2e-4);
    },
  );

  it.each([
    // Detached prototypes are constants of the step but not of a finite difference, so slopes are measured with gradient.
    { prototype_grad: true, positive_only: false },
    { prototype_grad: true, positive_only: false, group_term: "prototypes" },
    { prototype_grad: true, positive_only: false, mask_own_group: true },
  ])("has the gradient of its value: %o", async (params) => {
    const trial = lossTrial({
      tf,
      kernels: await createKernels(),
      loss: htd,
      world,
      params: { groups: 3, hidden: 5, temperature: 2, ...params },
    });
    trial.startEpoch(0);
    trial.step(world.batch(20));
    expectSlopes(trial);
  });

  it("has no gradient from prototypes against prototypes unless asked for", () => {
    const off = goldenTrial(createPlainKernels(), { group_term: "prototypes" });
    const on = goldenTrial(createPlainKernels(), { group_term: "prototypes", prototype_grad: true });
    expect(off.plain().value).toBeCloseTo(on.plain().value as number, 5);
    expect(off.plain().gradients.user).not.toEqual(on.plain().gradients.user);
    expect(off.plain().gradients["user/gate/w"]?.every((d) => d === 0)).toBe(true);
  });

  it("anneals the gate: at the end each entity has one expert, and the gate no gradient", async () => {
    const trial = lossTrial({
      tf,
      kernels: await createKernels(),
      loss: htd,
      world,
      params: { groups: 4 },
      epochs: 10,
    });
    trial.startEpoch(10);
    trial.step(world.batch(20));
    expectFusedAgrees(trial, 2e-4);
    expect(Math.max(...(trial.fused()?.gradients["user/gate/w"] ?? [1]).map(Math.abs))).toBeLessThan(1e-3);
  });

  it("stays finite long past the end of the annealing", async () => {
    const trial = lossTrial({
      tf,
      kernels: await createKernels(),
      loss: htd,
      world,
      params: { groups: 4, anneal_epochs: 8 },
    });
    trial.startEpoch(60);
    trial.step(world.batch(20));
    expect(Number.isFinite(trial.plain().value)).toBe(true);
    expectFusedAgrees(trial, 2e-4);
  });

  it.each([{ prototype_grad: false }, { prototype_grad: true }])(
    "gives cosine 0 and gradient 0 to a student row of zeros: %o",
    async (params) => {
      const trial = lossTrial({
        tf,
        kernels: await createKernels(),
        loss: htd,
        world: topologyWorld,
        student: { ...topologyStudent, user: [0, 0, ...TOPOLOGY.userS.slice(2)] },
        params: { groups: 2, gamma: 1, ...params },
      });
      trial.startEpoch(0);
      trial.step(topologyBatch);
      const slopes = [...(trial.plain().gradients.user ?? [Number.NaN])].slice(0, 2);
      // The row itself has no direction, but it is part of its group's prototype.
      if (params.prototype_grad) expect(Math.max(...slopes.map(Math.abs))).toBeLessThan(100);
      else expect(slopes).toEqual([0, 0]);
      expectFusedAgrees(trial, 2e-4);
    },
  );

  it("handles a group with one member and groups with none", async () => {
    const trial = lossTrial({ tf, kernels: await createKernels(), loss: htd, world, params: { groups: 25 } });
    trial.startEpoch(0);
    trial.step(world.batch(6));
    expect(Number.isFinite(trial.plain().value)).toBe(true);
    expectFusedAgrees(trial, 2e-4);
  });
});
