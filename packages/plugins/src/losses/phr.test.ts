import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { TeacherView, Tf } from "@kdp/plugin-api";
import { batchOf, lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { loadTf } from "../../test/tensorflow.js";
import { phr } from "./phr.js";
import { enrich } from "./shared/enrichment.js";
import { latentSides } from "./shared/latent-sides.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 14, items: 30, cols: 5 });

const tableOf = (cols: number, ...values: number[]) => ({ cols, values: Float32Array.from(values) });
const width = { user: 2, item: 2 };
const note = () => {};

describe("enrich", () => {
  it("averages an entity with the mean of its train neighbours", () => {
    const train = { users: 2, items: 3, offsets: Int32Array.of(0, 2, 3), itemIds: Int32Array.of(0, 1, 0) };
    const teacher: TeacherView = {
      name: "t",
      // Item 1 has no teacher row: it is no neighbour. Item 2 has no neighbour.
      embeddings: { user: tableOf(2, 1, 0, 3, 2), item: tableOf(2, 5, 6, 0, 0, 7, 8) },
    };
    const [user, item] = latentSides({ teachers: [teacher], width, note });
    const [u, i] = enrich([user, item as NonNullable<typeof item>], train);
    expect([...u]).toEqual([3, 3, 4, 4]);
    // Item 0: (5, 6) with the mean (2, 1) of both users; item 1: zeros with user 0.
    expect([...i]).toEqual([3.5, 3.5, 0.5, 0, 7, 8]);
  });
});

describe("phr", () => {
  it("gives a value worked out by hand", () => {
    // v = t = [1, 2]; one hidden unit relu(1 · 1 + 2 · 1 + 0) = 3; Θ = 3 · [1, 0, 0, 2] + [0, 1, 0, 0] = [3, 1, 0, 6];
    // W s = [[3, 1], [0, 6]] · [1, 1] = [4, 6]; ‖[1, 2] - [4, 6]‖² = 25.
    const teacher: TeacherView = { name: "t", embeddings: { user: tableOf(2, 1, 2), item: null } };
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: phr,
      world: { ...sampleWorld({ users: 1, items: 2, perUser: 1 }), teacher },
      params: { hidden: 1 },
      student: { user: [1, 1], item: [0, 0, 0, 0], cols: 2 },
    });
    trial.state["hypernet/w1"]?.value.set([1, 1]);
    trial.state["hypernet/b1"]?.value.set([0]);
    trial.state["hypernet/w2"]?.value.set([1, 0, 0, 2]);
    trial.state["hypernet/b2"]?.value.set([0, 1, 0, 0]);
    trial.step(batchOf([[0, 0, 1]]));
    expect(trial.plain().value).toBeCloseTo(25, 5);
    expect(trial.fused()?.value).toBeCloseTo(25, 5);
    // d/ds = 2 Wᵀ [3, 4]
    expect([...(trial.fused()?.gradients.user ?? [])]).toEqual([18, 54]);
    expect(trial.notes.at(-1)).toMatch(/nothing to enrich/);
  });

  it.each([{}, { enrich: false, shared: false, hidden: 6 }, { entities: 5 }])(
    "has the gradient of its value, and the kernels agree: %o",
    async (params) => {
      const trial = lossTrial({ tf, kernels: await createKernels(), loss: phr, world, params });
      trial.startEpoch(0);
      trial.step(world.batch(20));
      expectSlopes(trial);
      expectFusedAgrees(trial);
      const names = Object.keys(trial.state);
      expect(names).toHaveLength("shared" in params ? 8 : 4);
    },
  );

  it("counts an item fully when it is positive and negative, half otherwise", () => {
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: phr, world });
    trial.startEpoch(0);
    const value = (triplets: Parameters<typeof batchOf>[0]) => {
      trial.step(batchOf(triplets));
      return trial.value();
    };
    const both = value([
      [0, 3, 5],
      [0, 5, 3],
    ]);
    const apart = value([[0, 3, 5]]);
    const user = value([[0, 3, 3]]) + value([[0, 5, 5]]) - both;
    expect((both - user) / (apart - user)).toBeCloseTo(2, 3);
  });

  it("estimates the whole by fewer entities without bias", () => {
    const whole = lossTrial({ tf, kernels: createPlainKernels(), loss: phr, world });
    const few = lossTrial({ tf, kernels: createPlainKernels(), loss: phr, world, params: { entities: 4 } });
    whole.step(world.batch(30));
    let sum = 0;
    const repeats = 200;
    few.startEpoch(0);
    for (let i = 0; i < repeats; i++) {
      const { rows } = few.step(world.batch(30));
      expect(rows?.user).toHaveLength(4);
      expect(rows?.item).toHaveLength(4);
      expect(new Set(rows?.item).size).toBe(4);
      sum += few.value();
    }
    expect(Math.abs(sum / repeats / whole.value() - 1)).toBeLessThan(0.1);
  });

  it("refuses a teacher whose sides differ in width, with the argument that helps", () => {
    const teacher: TeacherView = {
      name: "t",
      embeddings: {
        user: { cols: 5, values: new Float32Array(14 * 5).fill(1) },
        item: { cols: 3, values: new Float32Array(30 * 3).fill(1) },
      },
    };
    const create = (params: Record<string, unknown>) =>
      lossTrial({ tf, kernels: createPlainKernels(), loss: phr, world: { ...world, teacher }, params });
    expect(() => create({})).toThrowError(
      expect.objectContaining({ code: "KDP7206", fix: expect.stringContaining("enrich: false") }),
    );
    expect(() => create({ enrich: false, shared: false })).not.toThrow();
  });
});
