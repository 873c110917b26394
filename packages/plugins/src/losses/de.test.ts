import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { Streams, TeacherView, Tf } from "@kdp/plugin-api";
import { batchOf, lossTrial, sampleWorld, testStream } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { golden } from "../../test/golden.js";
import { loadTf } from "../../test/tensorflow.js";
import { de } from "./de.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

/** Streams whose Gumbel numbers are 0: -log(-log U) = 0 at U = 1/e. */
const silent: Streams = { stream: (purpose) => ({ ...testStream(purpose), uniform: () => Math.exp(-1) - 2 ** -33 }) };

const world = sampleWorld({ users: 14, items: 30, cols: 7 });
const params = { experts: 5, temperature: 1, temperature_end: 1e-10, anneal_epochs: 10 };

describe("de", () => {
  it("gives the published code's value and gradients", () => {
    const { ftd, ga_de: want } = golden;
    const teacher: TeacherView = {
      name: "t",
      embeddings: { user: { cols: 3, values: Float32Array.from(ftd.userT.flat()) }, item: null },
    };
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: de,
      world: { ...sampleWorld({ users: 4, items: 5 }), teacher },
      params: { experts: 2, temperature: want.T },
      streams: silent,
      student: { user: ftd.userS.flat(), item: ftd.itemS.flat(), cols: 2 },
    });
    const transposed = (m: readonly (readonly number[])[]) => m[0]?.flatMap((_, c) => m.map((row) => row[c] as number));
    const set = (name: string, values: readonly number[]) => trial.state[name]?.value.set(values);
    set(
      "user/expert/w1",
      want.expertParams.flatMap(([w1]) => transposed(w1) ?? []),
    );
    set(
      "user/expert/b1",
      want.expertParams.flatMap(([, b1]) => b1),
    );
    set(
      "user/expert/w2",
      want.expertParams.flatMap(([, , w2]) => transposed(w2) ?? []),
    );
    set(
      "user/expert/b2",
      want.expertParams.flatMap(([, , , b2]) => b2),
    );
    set("user/gate/w", transposed(want.selW) ?? []);
    set("user/gate/b", [0, 0]);
    trial.startEpoch(0);
    trial.step(batchOf([0, 1, 3].map((u) => [u, 0, 1] as const)));
    for (const { value, gradients } of [trial.plain(), trial.fused()].filter((o) => o !== null)) {
      expect(Math.abs((value ?? 0) / want.loss - 1)).toBeLessThan(2e-6);
      want.dUserS.flat().forEach((d, i) => {
        expect(Math.abs((gradients.user?.[i] ?? 0) - d)).toBeLessThan(2e-5);
      });
      (transposed(want.dSelW) ?? []).forEach((d, i) => {
        expect(Math.abs((gradients["user/gate/w"]?.[i] ?? 0) - d)).toBeLessThan(2e-5);
      });
    }
  });

  it("gives a value worked out by hand: one expert, dead and live unit", () => {
    // relu([1, -1] · s + 0) with s = [2, 0] is [2, 0]; times [[1], [5]] plus .5 = 2.5; teacher 4: (4 - 2.5)² = 2.25.
    const teacher: TeacherView = {
      name: "t",
      embeddings: { user: { cols: 1, values: Float32Array.of(4) }, item: null },
    };
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: de,
      world: { ...sampleWorld({ users: 1, items: 2, perUser: 1 }), teacher },
      params: { experts: 1, hidden: 2 },
      student: { user: [2, 0], item: [0, 0, 0, 0], cols: 2 },
    });
    trial.state["user/expert/w1"]?.value.set([1, -1, 0, 0]);
    trial.state["user/expert/b1"]?.value.set([0, 0]);
    trial.state["user/expert/w2"]?.value.set([1, 5]);
    trial.state["user/expert/b2"]?.value.set([0.5]);
    trial.startEpoch(0);
    trial.step(batchOf([[0, 0, 1]]));
    expect(trial.plain().value).toBeCloseTo(2.25, 6);
    // d/ds = 2 (2.5 - 4) · [1 · 1, 0]
    expect([...(trial.plain().gradients.user ?? [])]).toEqual([-3, 0]);
    expect(trial.fused()?.value).toBeCloseTo(2.25, 6);
    expect(Object.keys(trial.state)).not.toContain("user/gate/w");
  });

  it.each([0, 4, 6, 11])(
    "has the gradient of its value, and the kernels agree, in epoch %i of the annealing",
    async (epoch) => {
      const trial = lossTrial({ tf, kernels: await createKernels(), loss: de, world, params });
      trial.startEpoch(epoch);
      trial.step(world.batch(40));
      // Near τ = 0 the gate is a step function: finite differences are taken while it is smooth.
      if (epoch === 0) expectSlopes(trial);
      // The plain form's softmax loses some 6e-8 / τ of the gate's gradient to rounding.
      expectFusedAgrees(trial, epoch === 0 ? 1e-4 : 1e-3);
    },
  );

  it("counts an item that is positive and negative in both halves, each with noise of its own", () => {
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: de, world, params: { ...params, experts: 1 } });
    trial.startEpoch(0);
    const value = (triplets: Parameters<typeof batchOf>[0]) => {
      trial.step(batchOf(triplets));
      return trial.plain().value ?? Number.NaN;
    };
    const both = value([[0, 3, 3]]);
    const users = value([[0, 3, 5]]) + value([[0, 5, 3]]) - value([[0, 5, 5]]);
    expect(both).toBeCloseTo(users, 4);
  });

  it("draws the same noise under the same seed, other noise in another epoch", () => {
    const run = (seed: number, epoch: number) => {
      const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: de, world, params, seed });
      trial.startEpoch(epoch);
      trial.step(world.batch(20));
      return trial.value();
    };
    expect(run(1, 0)).toBe(run(1, 0));
    expect(run(2, 0)).not.toBe(run(1, 0));
    expect(run(1, 1)).not.toBe(run(1, 0));
  });

  it("leaves out entities without a teacher row and says so", () => {
    const values = Float32Array.from(world.teacher.embeddings?.user?.values ?? []);
    values.fill(0, 0, 7);
    const teacher = { ...world.teacher, embeddings: { user: { cols: 7, values }, item: null } };
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: de, world: { ...world, teacher }, params });
    expect(trial.notes).toEqual([
      "KDP7207: 1 of 14 users have no teacher row and are left out",
      "teacher teacher has no item representations: only the other side is distilled",
    ]);
    trial.startEpoch(0);
    expect(trial.step(batchOf([[0, 1, 2]]))).toEqual({ rows: { user: new Int32Array(0) } });
    expect(trial.plain().value).toBe(0);
    expect(trial.fused()?.value).toBe(0);
  });
});
