import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKernels, type SharedKernels, type Team } from "../src/index.js";
import { bitsOf, csr, ids, noise, normals, numbers, sameBitsOnThreads } from "./support.js";

type Views = readonly (Float32Array | Int32Array)[];

/** Kernels that threads share by rows, users or experts; sizes are such that most problems are shared. */
describe("kernels that threads share give the same bits with any number of them", () => {
  let k: SharedKernels;
  let team: Team;
  beforeAll(async () => {
    k = (await createKernels({ threads: 4 })) as SharedKernels;
    team = k.team as Team;
    await team.ready();
  });
  afterAll(() => team.close());

  const sameBits = (body: () => Views): void => sameBitsOnThreads(k, body);
  const check = (numRuns: number, body: (seed: number, size: number) => void): void =>
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }), (seed, size) => body(seed, size)),
      { numRuns },
    );

  it("adam", () =>
    check(6, (seed, size) => {
      const n = 150_000 + Math.floor(size * 200_001);
      const options = { learningRate: 0.01, weightDecay: 0.001, eps: 1e-8, beta1: 0.9, beta2: 0.999, step: 3 };
      sameBits(() => {
        const [w, g, m, v] = [0, 1, 2, 3].map((at) => k.f32From(noise(seed + at, n))) as [
          Float32Array,
          ...Float32Array[],
        ];
        (v as Float32Array).forEach((x, i, all) => {
          all[i] = x * x;
        });
        k.adam(w, g as Float32Array, m as Float32Array, v as Float32Array, n, {
          ...options,
          decoupled: seed % 2 === 0,
        });
        return [w, g, m, v] as Views;
      });
    }));

  it("gatherRows", () =>
    check(6, (seed, size) => {
      const [cols, n] = [1 + Math.floor(size * 220), 4000 + (seed % 97)];
      const table = noise(seed, 500 * cols);
      sameBits(() => {
        const out = k.f32(n * cols);
        k.gatherRows(k.f32From(table), cols, k.i32From(ids(seed, n, 500)), n, out);
        return [out];
      });
    }));

  it("spmm", () =>
    check(6, (seed, size) => {
      const [rows, cols] = [3000, 40 + Math.floor(size * 60)];
      const { offsets, columns } = csr(seed, rows, 800, 20);
      sameBits(() => {
        const out = k.f32From(noise(seed + 2, rows * cols));
        const values = k.f32From(noise(seed, columns.length));
        const x = k.f32From(noise(seed + 1, 800 * cols));
        k.spmm(k.i32From(offsets), k.i32From(columns), values, rows, x, cols, out, seed % 2 === 0);
        return [out];
      });
    }));

  it("gumbelSoftmax and its gradient", () =>
    check(6, (seed, size) => {
      const [n, cols] = [2500 + Math.floor(size * 500), 30 + (seed % 9)];
      sameBits(() => {
        const [logits, noises, dz] = [0, 1, 2].map((at) => k.f32From(noise(seed + at, n * cols))) as [
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        const options = { logits, noise: noises, n, cols, tau: 0.3, floor: 1e-6, least: 1e-4 };
        const [z, dLogits] = [k.f32(n * cols), k.f32(n * cols)];
        k.gumbelSoftmax(options, z);
        k.gumbelSoftmaxGrad(options, z, dz, dLogits);
        return [z, dLogits];
      });
    }));

  it.each([
    ["few experts a row", 1.3, 110],
    ["all experts", 30, 24],
    ["hidden layers that a product sums in pieces", 1.5, 300],
  ])("mixtures of %s", (_, share, hidden) =>
    check(4, (seed, size) => {
      const [n, experts, inCols, outCols] = [500 + Math.floor(size * 400), seed % 3 === 0 ? 50 : 12, 20, 90];
      const random = numbers(seed);
      const gates = Float32Array.from({ length: n * experts }, (_, i) =>
        // One expert has every row: it gathers none.
        i % experts === 3 && seed % 2 === 0 ? 0.4 : random.uniform() < share / experts ? random.uniform() : 0,
      );
      sameBits(() => {
        const room = (at: number, length: number) => k.f32From(noise(seed + at, length));
        const options = {
          ...{ n, experts, input: room(1, n * inCols), inCols, hidden, outCols, z: k.f32From(gates) },
          ...{ w1: room(2, experts * inCols * hidden), b1: room(3, experts * hidden) },
          ...{ w2: room(4, experts * hidden * outCols), b2: room(5, experts * outCols) },
        };
        const out = k.f32(n * outCols);
        k.mixExperts(options, out);
        const gradients = {
          ...{ input: k.f32(n * inCols), z: k.f32(n * experts) },
          ...{ w1: room(6, experts * inCols * hidden), b1: room(7, experts * hidden) },
          ...{ w2: room(8, experts * hidden * outCols), b2: room(9, experts * outCols) },
        };
        k.mixExpertsGrad(options, out, gradients);
        return [out, ...Object.values(gradients)];
      });
    }),
  );

  it("topK and rankCounts", () =>
    check(5, (seed, size) => {
      const [users, items, cols] = [1300 + (seed % 200), 900, 6 + Math.floor(size * 30)];
      const excluded = csr(seed, users, items, 5);
      const targets = csr(seed + 1, users, items, 2);
      const [user, item] = [normals(seed + 2, users * cols), normals(seed + 3, items * cols)];
      const top = seed % 2 === 0 ? 10 : 300;
      sameBits(() => {
        const tables = [k.f32From(user), k.f32From(item), cols, items] as const;
        const userIds = k.i32From(Int32Array.from({ length: users }, (_, r) => users - 1 - r));
        const seen = [k.i32From(excluded.offsets), k.i32From(excluded.columns)] as const;
        // Memory that grew after the helpers began must be seen by them.
        const late = k.f32(3_000_000);
        const [outItems, outScores] = [k.i32(users * top), late.subarray(late.length - users * top)];
        k.topK(...tables, userIds, users, ...seen, top, outItems, outScores);
        const [above, ties] = [k.i32(targets.columns.length), k.i32(targets.columns.length)];
        const wanted = [k.i32From(targets.offsets), k.i32From(targets.columns)] as const;
        k.rankCounts(...tables, userIds, ...wanted, users, ...seen, above, ties);
        return [outItems, outScores, above, ties];
      });
    }));

  it("mixtures, whatever is granted from one kernel to the next", () => {
    const [n, experts, inCols, hidden, outCols] = [400, 12, 20, 60, 50];
    const random = numbers(7);
    const few = Float32Array.from({ length: n * experts }, () => (random.uniform() < 0.1 ? 0.5 : 0));
    const all = Float32Array.from({ length: n * experts }, () => random.uniform());
    const room = (at: number, length: number) => k.f32From(noise(at, length));
    const shapes = { n, experts, input: room(1, n * inCols), inCols, hidden, outCols };
    const weights = {
      ...{ w1: room(2, experts * inCols * hidden), b1: room(3, experts * hidden) },
      ...{ w2: room(4, experts * hidden * outCols), b2: room(5, experts * outCols) },
    };
    const once = (gates: Float32Array): Buffer =>
      k.scope(() => {
        const options = { ...shapes, ...weights, z: k.f32From(gates) };
        const out = k.f32(n * outCols);
        k.mixExperts(options, out);
        const [input, z] = [k.f32(n * inCols), k.f32(n * experts)];
        const gradients = { w1: k.f32(weights.w1.length), b1: k.f32(weights.b1.length) };
        const second = { w2: k.f32(weights.w2.length), b2: k.f32(weights.b2.length) };
        k.mixExpertsGrad(options, out, { input, z, ...gradients, ...second });
        return bitsOf([out, input, z, ...Object.values(gradients), ...Object.values(second)]);
      });
    team.grant(1);
    const expected = [few, all].map(once);
    for (let turn = 0; turn < 120; turn++) {
      team.grant(1 + random.below(4));
      const at = random.below(2);
      expect(once(at === 0 ? few : all).equals(expected[at] as Buffer)).toBe(true);
    }
  });

  it("while threads took part", () => {
    team.grant(4);
    const x = k.f32(400 * 400);
    while (team.used < 4) k.gemm({ m: 400, n: 400, k: 400, a: x, b: x, c: k.f32(400 * 400) });
  });
});
