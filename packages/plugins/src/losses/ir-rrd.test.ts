import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { Tf } from "@kdp/plugin-api";
import { batchOf, lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { loadTf } from "../../test/tensorflow.js";
import { irRrd } from "./ir-rrd.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 20, items: 40, ranking: 15 });
const params = {
  interesting: 5,
  uninteresting: 6,
  item_interesting: 4,
  item_uninteresting: 3,
  pool: 10,
  item_pool: 8,
  temperature: 3,
  item_temperature: 3,
};

describe("ir_rrd", () => {
  it("has the gradient of its value, and the kernels agree", async () => {
    const trial = lossTrial({ tf, kernels: await createKernels(), loss: irRrd, world, params });
    trial.startEpoch(0);
    trial.step(world.batch(12));
    expectSlopes(trial);
    expectFusedAgrees(trial);
  });

  it("regularises exactly the items on the lists of the step's users", () => {
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: irRrd, world, params });
    trial.startEpoch(0);
    const { scores } = trial.step(batchOf([[3, 0, 1]]));
    const lists = Object.values(scores ?? {});
    const onLists = new Set(lists.filter((l) => l.side === "user").flatMap((l) => [...l.others]));
    const regularised = lists.filter((l) => l.side === "item").flatMap((l) => [...l.ids]);
    expect(lists.filter((l) => l.side === "user").flatMap((l) => [...l.ids])).toEqual([3]);
    expect(new Set(regularised)).toEqual(onLists);
    expect(regularised).toHaveLength(onLists.size);
  });

  it("adds the item side in the proportion of the two weights", () => {
    const value = (weights: { weight: number; item_weight: number }) => {
      const trial = lossTrial({
        tf,
        kernels: createPlainKernels(),
        loss: irRrd,
        world,
        params: { ...params, ...weights },
      });
      trial.startEpoch(0);
      trial.step(world.batch(12));
      return trial.value();
    };
    const users = value({ weight: 1, item_weight: 0 });
    const both = value({ weight: 1, item_weight: 1 });
    expect(both).toBeGreaterThan(users);
    expect(value({ weight: 2, item_weight: 1 })).toBeCloseTo(users + (both - users) / 2, 2);
  });

  it("reports short lists once and goes on", () => {
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: irRrd,
      world,
      params: { item_interesting: 19 },
    });
    trial.startEpoch(0);
    trial.startEpoch(1);
    expect(trial.notes).toHaveLength(2);
    expect(trial.notes[1]).toMatch(/items have fewer than 19 ranked users/);
    trial.step(world.batch(12));
    expect(Number.isFinite(trial.value())).toBe(true);
  });
});
