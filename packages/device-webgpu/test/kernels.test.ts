import { createKernels } from "@kdp/kernels";
import type { AdamOptions, Kernels } from "@kdp/plugin-api";
import type { DeviceKernels } from "@kdp/plugin-api/device";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import device from "../src/index.js";
import { selfTest } from "../src/self-test.js";
import { reasonToSkip } from "./adapter.js";

const reason = await reasonToSkip();

/** Numbers that repeat in no short cycle. */
const numbers = (n: number, seed: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(1 + seed + 1.7 * i));

describe.skipIf(reason !== null)(`kernels of WebGPU${reason === null ? "" : ` (${reason})`}`, () => {
  let tf: Awaited<ReturnType<typeof device.load>>["tf"];
  let gpu: Required<DeviceKernels>;
  let cpu: Kernels;
  beforeAll(async () => {
    const loaded = await device.load();
    tf = loaded.tf;
    gpu = loaded.kernels as Required<DeviceKernels>;
    cpu = await createKernels();
  });

  const close = async (tensor: Tensor, expected: ArrayLike<number>, tolerance = 1e-6) => {
    const values = await tensor.data();
    expect(values.length).toBe(expected.length);
    values.forEach((value, i) => {
      if (Number.isFinite(expected[i])) expect(Math.abs(value - (expected[i] as number))).toBeLessThan(tolerance);
      else expect(value).toBe(expected[i]);
    });
  };

  // 5 x 3 is less than a workgroup; 70 x 11 no multiple of one.
  describe.each([
    [5, 3],
    [70, 11],
  ])("on a table of %i x %i", (rows, cols) => {
    const adam = (changes: Partial<AdamOptions>): AdamOptions => ({
      learningRate: 0.1,
      weightDecay: 0.01,
      eps: 1e-8,
      beta1: 0.9,
      beta2: 0.999,
      step: 3,
      decoupled: false,
      ...changes,
    });
    const tables = () =>
      ["w", "grad", "m", "v"].map((_, seed) => numbers(rows * cols, seed).map((x) => (seed === 3 ? x * x : x)));
    const there = (values: readonly Float32Array[]) =>
      values.map((each) => tf.variable(tf.tensor2d(each.slice(), [rows, cols])));

    it.each([false, true])("adam and lazy adam, decoupled %s", async (decoupled) => {
      const touched = Int32Array.of(0, 2, rows - 1);
      for (const lazy of [false, true]) {
        for (const step of [1, 3]) {
          const options = adam({ decoupled, step });
          const start = tables() as [Float32Array, Float32Array, Float32Array, Float32Array];
          const [w, g, m, v] = there(start) as unknown as [Tensor, Tensor, Tensor, Tensor];
          const [hw, hg, hm, hv] = start.map((each) => cpu.f32From(each)) as typeof start;
          if (lazy) {
            cpu.lazyAdam(hw, hg, hm, hv, cols, cpu.i32From(touched), touched.length, options);
            gpu.lazyAdam(w, g, m, v, tf.tensor1d(touched, "int32"), options);
          } else {
            cpu.adam(hw, hg, hm, hv, hw.length, options);
            gpu.adam(w, g, m, v, options);
          }
          // Read twice: what was read before an update must not be taken for what follows it.
          await close(w, hw, 1e-5);
          await close(m, hm);
          await close(v, hv);
          gpu.sgd(w, g, { learningRate: 1, weightDecay: 0, eps: 0 });
          await close(
            w,
            hw.map((x, i) => x - (start[1][i] as number)),
            1e-5,
          );
        }
      }
    });

    it("adagrad and sgd", async () => {
      const options = { learningRate: 0.1, weightDecay: 0.01, eps: 1e-10 };
      const start = tables() as [Float32Array, Float32Array, Float32Array, Float32Array];
      const [w, g, , sum] = there(start) as unknown as [Tensor, Tensor, Tensor, Tensor];
      const [hw, hg, , hsum] = start.map((each) => cpu.f32From(each)) as typeof start;
      cpu.adagrad(hw, hg, hsum, hw.length, options);
      gpu.adagrad(w, g, sum, options);
      await close(w, hw, 1e-5);
      await close(sum, hsum, 1e-5);
    });

    it("scores of lists with padding, and their gradient where rows repeat", async () => {
      const [left, right] = [numbers(rows * cols, 7), numbers(rows * cols, 8)];
      const leftIds = Int32Array.of(1, 4, 1);
      const rightIds = Int32Array.of(0, 0, -1, 3, 2, 1, rows - 1, -1);
      const ids = rightIds.slice(0, 6);
      const dOut = numbers(6, 9);
      const a = tf.tensor2d(left.slice(), [rows, cols]);
      const b = tf.tensor2d(right.slice(), [rows, cols]);
      const l = tf.tensor1d(leftIds, "int32");
      const r = tf.tensor2d(ids, [3, 2], "int32");

      const scores = cpu.f32(6);
      const host = [cpu.f32From(left), cpu.f32From(right), cpu.i32From(leftIds), cpu.i32From(ids)] as const;
      cpu.dotLists(host[0], host[1], cols, host[2], host[3], 3, 2, scores);
      await close(gpu.dotLists(a, b, l, r), scores, 1e-5);
      expect(scores).toContain(Number.NEGATIVE_INFINITY);

      const [dLeft, dRight] = [cpu.f32(rows * cols), cpu.f32(rows * cols)];
      cpu.dotListsGrad(host[0], host[1], cols, host[2], host[3], 3, 2, cpu.f32From(dOut), dLeft, dRight);
      const [da, db] = gpu.dotListsGrad(a, b, l, r, tf.tensor2d(dOut, [3, 2]));
      await close(da, dLeft, 1e-5);
      await close(db, dRight, 1e-5);
    });
  });

  it("sums segments of any rank, drops ids out of range, and keeps NaN", async () => {
    const ids = tf.tensor1d([2, 0, -1, 2, 9], "int32");
    await close(tf.unsortedSegmentSum(tf.tensor1d([1, 2, 3, 4, 5]), ids, 4), [2, 0, 5, 0]);
    const x = tf.tensor3d(
      Array.from({ length: 20 }, (_, i) => i),
      [5, 2, 2],
    );
    await close(tf.unsortedSegmentSum(x, ids, 3), [4, 5, 6, 7, 0, 0, 0, 0, 12, 14, 16, 18]);
    await close(tf.unsortedSegmentSum(tf.tensor1d([Number.NaN, 1]), tf.tensor1d([0, 1], "int32"), 2), [Number.NaN, 1]);
    await close(tf.unsortedSegmentSum(tf.zeros([0, 2]) as Tensor2D, tf.tensor1d([], "int32"), 2), [0, 0, 0, 0]);
  });

  it("spreads over a second dimension what one does not take", async () => {
    // 65,535 workgroups of 256 threads fit one dimension.
    const n = 65_535 * 256 + 300;
    const w = tf.variable(tf.ones([n]));
    gpu.sgd(w, tf.ones([n]), { learningRate: 0.25, weightDecay: 0, eps: 0 });
    await close(tf.sum(tf.notEqual(w, 0.75)), [0]);
    w.dispose();
  });

  it("finds out a GPU that computes wrongly", async () => {
    await expect(selfTest({ tf, kernels: { ...gpu, adam: () => {} } })).rejects.toThrow(/computes wrongly/);
    const topK: typeof gpu.topK = ({ users }, k) => [tf.zeros([users.shape[0], k], "int32"), tf.zeros([1, k])];
    await expect(selfTest({ tf, kernels: { ...gpu, topK } })).rejects.toThrow(/3 came out as 0/);
  });
});
