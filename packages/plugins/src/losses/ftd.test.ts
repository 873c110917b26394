import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { TeacherView, Tf } from "@kdp/plugin-api";
import { lossTrial, sampleWorld } from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../test/compare.js";
import { golden } from "../../test/golden.js";
import { loadTf } from "../../test/tensorflow.js";
import { TOPOLOGY, topologyBatch, topologyStudent, topologyWorld } from "../../test/topology-golden.js";
import { ftd } from "./ftd.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

const world = sampleWorld({ users: 14, items: 30, cols: 7 });
const trialOf = (kernels = createPlainKernels()) =>
  lossTrial({ tf, kernels, loss: ftd, world: topologyWorld, student: topologyStudent });

/** Σ (cos(t_a, t_b) - cos(s_a, s_b))² over all pairs in double precision, and its gradient with respect to the rows of s. */
function longForm(t: readonly number[], s: readonly number[], n: number, dT: number, dS: number) {
  const unit = (x: readonly number[], d: number) =>
    Array.from({ length: n }, (_, r) => {
      const row = x.slice(r * d, (r + 1) * d);
      const norm = Math.hypot(...row);
      return { norm, row: row.map((v) => v / norm) };
    });
  const [tRows, sRows] = [unit(t, dT), unit(s, dS)];
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, c) => sum + v * (y[c] as number), 0);
  let value = 0;
  const gradient: number[] = [];
  for (const [a, { row, norm }] of sRows.entries()) {
    const dUnit = new Array<number>(dS).fill(0);
    for (const [b, other] of sRows.entries()) {
      const wanted = dot((tRows[a] as (typeof tRows)[number]).row, (tRows[b] as (typeof tRows)[number]).row);
      const gap = dot(row, other.row) - wanted;
      value += gap * gap;
      // Each pair stands twice, as (a, b) and (b, a).
      other.row.forEach((v, c) => {
        dUnit[c] = (dUnit[c] as number) + 4 * gap * v;
      });
    }
    const along = dot(dUnit, row);
    gradient.push(...row.map((v, c) => ((dUnit[c] as number) - along * v) / norm));
  }
  return { value, gradient };
}

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

  it.each([
    null,
    // As wide as the teacher and hardly apart: the difference of Gram matrices cancels.
    0.01,
  ])("equals the sum over all pairs, written the long way, in value and gradient: distance %s", async (near) => {
    const embeddings = world.teacher.embeddings;
    const tables = { user: embeddings?.user?.values ?? [], item: embeddings?.item?.values ?? [] };
    const nearly = (values: ArrayLike<number>) => Array.from(values, (v, at) => v + (near ?? 0) * Math.sin(at));
    const student = near === null ? {} : { student: { user: nearly(tables.user), item: nearly(tables.item), cols: 7 } };
    const trial = lossTrial({
      tf,
      kernels: await createKernels(),
      loss: ftd,
      world,
      ...student,
    });
    const batch = world.batch(12);
    trial.step(batch);
    const rows = (values: ArrayLike<number>, width: number, ids: Int32Array) =>
      [...ids].flatMap((id) => Array.from({ length: width }, (_, c) => values[id * width + c] as number));
    const own = trial.student.tables;
    const [users, items] = [batch.uniqueUsers, batch.uniqueItems];
    const n = users.length + items.length;
    const t = [...rows(tables.user, 7, users), ...rows(tables.item, 7, items)];
    const s = [...rows(own.user, own.cols, users), ...rows(own.item, own.cols, items)];
    const wanted = longForm(t, s, n, 7, own.cols);
    const scale = Math.max(...wanted.gradient.map(Math.abs));
    for (const outcome of [trial.plain(), trial.fused()]) {
      const { user, item } = outcome?.gradients ?? {};
      const found = [...rows(user ?? [], own.cols, users), ...rows(item ?? [], own.cols, items)];
      // Single precision keeps 1e-4 of the gradient, 1e-3 near the optimum of equal widths.
      found.forEach((slope, at) => {
        const gap = Math.abs(slope - (wanted.gradient[at] as number));
        expect(gap).toBeLessThan((near === null ? 1e-4 : 1e-3) * scale);
      });
    }
    expect(Math.abs((trial.fused()?.value ?? Number.NaN) / wanted.value - 1)).toBeLessThan(1e-4);
    if (near === null) expect(trial.plain().value).toBeCloseTo(wanted.value, 3);
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

  it("gives cosine 0 and gradient 0 to a student row of zeros", async () => {
    const user = [0, 0, ...TOPOLOGY.userS.slice(2)];
    const trial = lossTrial({
      tf,
      kernels: await createKernels(),
      loss: ftd,
      world: topologyWorld,
      student: { ...topologyStudent, user },
    });
    trial.step(topologyBatch);
    for (const outcome of [trial.plain(), trial.fused()]) {
      expect([...(outcome?.gradients.user ?? [NaN])].slice(0, 2)).toEqual([0, 0]);
      expect(Math.max(...(outcome?.gradients.item ?? [NaN]).map(Math.abs))).toBeLessThan(100);
    }
    expectFusedAgrees(trial);
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
