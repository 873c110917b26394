import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { TeacherView, Tf } from "@kdp/plugin-api";
import { batchOf, lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { loadTf } from "../../test/tensorflow.js";
import { hint } from "./hint.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 14, items: 30, cols: 7 });

describe("hint", () => {
  it("gives a value worked out by hand", () => {
    // User: [1, 2] · [[1], [1]] + .5 = 3.5 against 3: .25. Items [1, 0], [0, 1] with W = [[2], [0]], b = 0: 2 and 0 against 1: 2.
    const teacher: TeacherView = {
      name: "t",
      embeddings: {
        user: { cols: 1, values: Float32Array.of(3) },
        item: { cols: 1, values: Float32Array.of(1, 1) },
      },
    };
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: hint,
      world: { ...sampleWorld({ users: 1, items: 2, perUser: 1 }), teacher },
      student: { user: [1, 2], item: [1, 0, 0, 1], cols: 2 },
    });
    trial.state["user/projector/w"]?.value.set([1, 1]);
    trial.state["user/projector/b"]?.value.set([0.5]);
    trial.state["item/projector/w"]?.value.set([2, 0]);
    trial.state["item/projector/b"]?.value.set([0]);
    trial.step(batchOf([[0, 0, 1]]));
    expect(trial.plain().value).toBeCloseTo(2.25, 6);
    expect(trial.plain().gradients["user/projector/w"]).toEqual(Float32Array.of(1, 2));
    expect(trial.fused()?.value).toBeCloseTo(2.25, 6);
  });

  it("compares directions only when it normalises", () => {
    const teacher: TeacherView = {
      name: "t",
      embeddings: { user: { cols: 2, values: Float32Array.of(0, 7) }, item: null },
    };
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: hint,
      world: { ...sampleWorld({ users: 1, items: 2, perUser: 1 }), teacher },
      params: { normalize: true, bias: false },
      student: { user: [3, 0], item: [0, 0, 0, 0], cols: 2 },
    });
    trial.state["user/projector/w"]?.value.set([1, 0, 0, 1]);
    trial.step(batchOf([[0, 0, 1]]));
    // Unit vectors at a right angle.
    expect(trial.value()).toBeCloseTo(2, 6);
    trial.student.tables.user.fill(0);
    expect(trial.value()).toBeCloseTo(1, 6);
    expect(trial.fused()?.value).toBeCloseTo(1, 6);
    expect([...(trial.plain().gradients.user ?? [])].every(Number.isFinite)).toBe(true);
  });

  it.each([
    { projector: "linear" },
    { projector: "linear", bias: false, normalize: true },
    { projector: "mlp" },
    { projector: "mlp", normalize: true, hidden: 3, entities: "uniform" },
  ])("has the gradient of its value, and the kernels agree: %o", async (params) => {
    const trial = lossTrial({ tf, kernels: await createKernels(), loss: hint, world, params });
    trial.instance.startEpoch?.(0, trial.student.view(world.train));
    trial.step(world.batch(20));
    expectSlopes(trial, 3e-2);
    expectFusedAgrees(trial);
  });

  it("takes as many entities as the batch has rows when drawn uniformly, the same under the same seed", () => {
    const ids = (seed: number, epoch: number) => {
      const trial = lossTrial({
        tf,
        kernels: createPlainKernels(),
        loss: hint,
        world,
        params: { entities: "uniform" },
        seed,
      });
      trial.startEpoch(epoch);
      const { rows } = trial.step(world.batch(9));
      return [...(rows?.user ?? []), -1, ...(rows?.item ?? [])];
    };
    const drawn = ids(0, 0);
    expect(drawn.indexOf(-1)).toBe(9);
    expect(drawn).toHaveLength(19);
    expect(new Set(drawn.slice(0, 9)).size).toBe(9);
    expect(ids(0, 0)).toEqual(drawn);
    expect(ids(0, 1)).not.toEqual(drawn);
    expect(ids(1, 0)).not.toEqual(drawn);
  });

  it("refuses a teacher and a student without a common side", () => {
    const teacher: TeacherView = { name: "scores", embeddings: { user: null, item: null } };
    expect(() =>
      lossTrial({ tf, kernels: createPlainKernels(), loss: hint, world: { ...world, teacher } }),
    ).toThrowError(expect.objectContaining({ code: "KDP7206", message: expect.stringContaining("scores") }));
  });
});
