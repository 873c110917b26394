import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { TeacherView, Tf } from "@kdp/plugin-api";
import { lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { golden } from "../../test/golden.js";
import { loadTf } from "../../test/tensorflow.js";
import { topologyBatch, topologyStudent, topologyWorld } from "../../test/topology-golden.js";
import { ftd } from "./ftd.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 14, items: 30, cols: 7 });
const trialOf = (kernels = createPlainKernels()) =>
  lossTrial({ tf, kernels, loss: ftd, world: topologyWorld, student: topologyStudent });

describe("ftd", () => {
  it("has the published value and gradient in both forms", async () => {
    const trial = trialOf(await createKernels());
    trial.step(topologyBatch);
    for (const outcome of [trial.plain(), trial.fused()]) {
      expect(Math.abs((outcome?.value as number) - 35.742237) / 35.742237).toBeLessThan(2e-6);
      // The first user's gradient, from the published example.
      expect(outcome?.gradients.user?.[0]).toBeCloseTo(-7.829898357391357, 4);
      expect(outcome?.gradients.user?.[1]).toBeCloseTo(-4.3144330978393555, 4);
    }
  });

  it("has the published gradient of every row", async () => {
    const trial = trialOf(await createKernels());
    trial.step(topologyBatch);
    for (const outcome of [trial.plain(), trial.fused()]) {
      golden.ftd.dUserS.flat().forEach((slope, i) => {
        expect(Math.abs((outcome?.gradients.user?.[i] as number) - slope)).toBeLessThan(
          Math.max(2e-5, 1e-5 * Math.abs(slope)),
        );
      });
      golden.ftd.dItemS.flat().forEach((slope, i) => {
        expect(Math.abs((outcome?.gradients.item?.[i] as number) - slope)).toBeLessThan(
          Math.max(2e-5, 1e-5 * Math.abs(slope)),
        );
      });
    }
  });

  it("equals the sum over all pairs, written the long way", () => {
    const trial = lossTrial({ tf, kernels: createPlainKernels(), loss: ftd, world });
    const batch = world.batch(12);
    trial.step(batch);
    const embeddings = world.teacher.embeddings;
    const rows = (values: ArrayLike<number>, cols: number, ids: Int32Array) =>
      [...ids].map((id) => Array.from({ length: cols }, (_, c) => values[id * cols + c] as number));
    const entities = (user: ArrayLike<number>, item: ArrayLike<number>, cols: number) => [
      ...rows(user, cols, batch.uniqueUsers),
      ...rows(item, cols, batch.uniqueItems),
    ];
    const cosine = (a: number[], b: number[]) =>
      a.reduce((sum, x, c) => sum + x * (b[c] as number), 0) / (Math.hypot(...a) * Math.hypot(...b));
    const { user, item, cols } = trial.student.tables;
    const s = entities(user, item, cols);
    const t = entities(embeddings?.user?.values ?? [], embeddings?.item?.values ?? [], embeddings?.user?.cols ?? 0);
    let wanted = 0;
    for (const [a, ta] of t.entries()) {
      for (const [b, tb] of t.entries()) wanted += (cosine(ta, tb) - cosine(s[a] as number[], s[b] as number[])) ** 2;
    }
    expect(trial.plain().value).toBeCloseTo(wanted, 3);
    expect(trial.fused()?.value).toBeCloseTo(wanted, 3);
  });

  it("has the gradient of its value, and the kernels agree", async () => {
    const trial = lossTrial({ tf, kernels: await createKernels(), loss: ftd, world });
    trial.step(world.batch(20));
    expectSlopes(trial);
    expectFusedAgrees(trial, 2e-4);
  });

  it("computes the gradient every step and the value every tenth", () => {
    const trial = trialOf();
    const values = Array.from({ length: 11 }, () => {
      trial.step(topologyBatch);
      const outcome = trial.fused();
      expect(outcome?.gradients.user?.[0]).toBeCloseTo(-7.8299, 3);
      return outcome?.value;
    });
    expect(values.map((value) => typeof value)).toEqual(["number", ...Array(9).fill("object"), "number"]);
  });

  it("gives cosine 0 and gradient 0 to a student row of zeros", () => {
    const trial = lossTrial({
      tf,
      kernels: createPlainKernels(),
      loss: ftd,
      world: topologyWorld,
      student: { ...topologyStudent, user: [0, 0, 0.62, 0.28, 0.95, 0.66, -0.91, -0.95] },
    });
    trial.step(topologyBatch);
    for (const outcome of [trial.plain(), trial.fused()]) {
      expect(Number.isFinite(outcome?.value)).toBe(true);
      expect([...(outcome?.gradients.item ?? [])].every(Number.isFinite)).toBe(true);
    }
    expect(trial.fused()?.value).toBeCloseTo(trial.plain().value as number, 4);
  });

  it("refuses a teacher whose users and items are in spaces of different width", () => {
    const teacher: TeacherView = {
      name: "two towers",
      embeddings: {
        user: { cols: 1, values: Float32Array.of(1, 1, 1, 1) },
        item: { cols: 2, values: new Float32Array(10).fill(1) },
      },
    };
    expect(() =>
      lossTrial({ tf, kernels: createPlainKernels(), loss: ftd, world: { ...topologyWorld, teacher } }),
    ).toThrowError(expect.objectContaining({ code: "KDP7206" }));
  });
});
