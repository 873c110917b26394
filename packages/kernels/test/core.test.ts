import type { Kernels } from "@kdp/plugin-api";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { bothKernels, type Compare, comparison, csr, ids, normals, numbers } from "./support.js";

let compare: Compare;
let wasm: Kernels;
let plain: Kernels;
beforeAll(async () => {
  ({ wasm, plain } = await bothKernels());
  compare = comparison(wasm, plain);
});

const seeds = fc.integer({ min: 1, max: 1e6 });
const cols = fc.integer({ min: 1, max: 70 });
const small = fc.integer({ min: 0, max: 23 });

describe("rows", () => {
  it("gatherRows and scatterAddRows, ids repeated", () => {
    fc.assert(
      fc.property(seeds, cols, small, fc.integer({ min: 1, max: 9 }), (seed, d, n, rows) => {
        compare(1e-6, (k) => {
          const table = k.f32From(normals(seed, rows * d));
          const id = k.i32From(ids(seed + 1, n, rows));
          const out = k.f32(n * d);
          k.gatherRows(table, d, id, n, out);
          const gathered = out.slice();
          k.scatterAddRows(table, d, id, n, out, -0.5);
          return [gathered, table];
        });
      }),
    );
  });

  it("normalizeRows and its gradient, zero rows included", () => {
    fc.assert(
      fc.property(seeds, cols, small, (seed, d, n) => {
        compare(2e-6, (k) => {
          const x = k.f32From(normals(seed, n * d));
          if (n > 1) x.fill(0, d, 2 * d);
          const unit = k.f32(n * d);
          const norms = k.f32(n);
          k.normalizeRows(x, d, n, 1e-3, unit, norms);
          const dx = k.f32From(normals(seed + 1, n * d));
          k.normalizeRowsGrad(unit, norms, k.f32From(normals(seed + 2, n * d, 0.01)), d, n, dx);
          return [unit, norms, dx];
        });
      }),
    );
  });
});

describe("lists and losses", () => {
  it("dotLists and its gradient, padding included", () => {
    // Rows of 20 numbers have a path of their own.
    fc.assert(
      fc.property(seeds, fc.oneof(cols, fc.constant(20)), small, small, (seed, d, n, k) => {
        compare(1e-5, (kernels) => {
          const [users, items] = [7, 11];
          const left = kernels.f32From(normals(seed, users * d));
          const right = kernels.f32From(normals(seed + 1, items * d));
          const leftIds = kernels.i32From(ids(seed + 2, n, users));
          const rightIds = kernels.i32From(ids(seed + 3, n * k, items + 1).map((id) => id - 1));
          const out = kernels.f32(n * k);
          kernels.dotLists(left, right, d, leftIds, rightIds, n, k, out);
          const dLeft = kernels.f32(users * d);
          const dRight = kernels.f32(items * d);
          const dOut = kernels.f32From(normals(seed + 4, n * k));
          kernels.dotListsGrad(left, right, d, leftIds, rightIds, n, k, dOut, dLeft, dRight);
          return [out, dLeft, dRight];
        });
      }),
    );
  });

  it("bpr, ids repeated, positive = negative, scores of any size", () => {
    fc.assert(
      fc.property(seeds, cols, small, fc.constantFrom(0.01, 1, 100), (seed, d, n, scale) => {
        compare(2e-5 * Math.max(1, scale), (k) => {
          const user = k.f32From(normals(seed, 5 * d, scale));
          const item = k.f32From(normals(seed + 1, 6 * d, scale));
          const [u, i, j] = [5, 6, 6].map((bound, q) => k.i32From(ids(seed + 2 + q, n, bound))) as [
            Int32Array,
            Int32Array,
            Int32Array,
          ];
          const dUser = k.f32(5 * d);
          const dItem = k.f32(6 * d);
          const value = k.bpr(user, item, d, u, i, j, n, dUser, dItem, 0.5);
          expect(Number.isFinite(value)).toBe(true);
          return [value, dUser, dItem];
        });
      }),
    );
  });

  it("plackettLuce, any spread, padding, in place", () => {
    fc.assert(
      fc.property(
        seeds,
        small,
        small,
        small,
        fc.constantFrom(0.1, 3, 40, 1e4),
        fc.boolean(),
        (seed, n, k, l, scale, pad) => {
          compare(3e-6, (kernels) => {
            const scores = kernels.f32From(normals(seed, n * (k + l), scale));
            if (pad) for (const at of ids(seed + 1, n, Math.max(1, n * (k + l)))) scores[at] = -Infinity;
            const d = kernels.f32(n * (k + l));
            const value = kernels.plackettLuce(scores, n, k, l, 0.7, d);
            const inPlace = kernels.plackettLuce(scores, n, k, l, 0.7, scores);
            expect(inPlace).toBe(value);
            expect(scores).toEqual(d);
            return [value, d];
          });
        },
      ),
    );
  });
});

describe("algebra", () => {
  it("gemm, all transpositions, leading dimensions, factors", () => {
    const size = fc.integer({ min: 0, max: 37 });
    fc.assert(
      fc.property(
        seeds,
        size,
        size,
        fc.oneof(size, fc.constantFrom(256, 300)),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(0, 3),
        fc.constantFrom(0, 1, -0.5),
        (seed, m, n, k, transA, transB, pad, beta) => {
          // Sums of k products in float32, in order, against float64.
          compare(1e-6 + 1.5e-7 * k, (kernels) => {
            const lda = (transA ? m : k) + pad;
            const ldb = (transB ? k : n) + pad;
            const ldc = n + pad;
            const a = kernels.f32From(normals(seed, (transA ? k : m) * lda));
            const b = kernels.f32From(normals(seed + 1, (transB ? n : k) * ldb));
            const c = kernels.f32From(normals(seed + 2, m * ldc));
            kernels.gemm({ m, n, k, a, b, c, transA, transB, lda, ldb, ldc, alpha: 1.5, beta });
            return [c];
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it("gemm across block borders", () => {
    compare(4e-5, (kernels) => {
      const [m, n, k] = [131, 2055, 261];
      const a = kernels.f32From(normals(1, m * k));
      const b = kernels.f32From(normals(2, n * k));
      const c = kernels.f32(m * n);
      kernels.gemm({ m, n, k, a, b, c, transB: true });
      return [c];
    });
  });

  it("spmm, empty rows, accumulated or not", () => {
    fc.assert(
      fc.property(seeds, cols, small, fc.boolean(), (seed, d, rows, accumulate) => {
        compare(1e-5, (k) => {
          const m = csr(seed, rows, 13, 4);
          const out = k.f32From(normals(seed + 3, rows * d));
          const x = k.f32From(normals(seed + 1, 13 * d));
          const values = k.f32From(normals(seed + 2, m.columns.length));
          k.spmm(k.i32From(m.offsets), k.i32From(m.columns), values, rows, x, d, out, accumulate);
          return [out];
        });
      }),
    );
  });
});

describe("optimisers", () => {
  const options = { learningRate: 0.01, weightDecay: 0.1, eps: 1e-8, beta1: 0.9, beta2: 0.999 };
  it("adam, coupled and decoupled, over several steps", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 50 }), fc.boolean(), (seed, n, decoupled) => {
        compare(1e-5, (k) => {
          const [w, m, v] = [k.f32From(normals(seed, n)), k.f32(n), k.f32(n)];
          const g = k.f32(n);
          for (let step = 1; step <= 3; step++) {
            g.set(normals(seed + step, n));
            k.adam(w, g, m, v, n, { ...options, step, decoupled });
            expect(g.every((x) => x === 0)).toBe(true);
          }
          return [w, m, v];
        });
      }),
    );
  });

  it("adam lets no denormal stand: rows without a gradient, and rows that only decay moves", () => {
    const smallest = 1.18e-38;
    const denormal = (x: number) => x !== 0 && Math.abs(x) < smallest;
    for (const k of [wasm, plain]) {
      k.scope(() => {
        for (const weightDecay of [0, 1e-3]) {
          const [w, g, m, v] = [k.f32(7).fill(1e-9), k.f32(7), k.f32(7).fill(2e-30), k.f32(7).fill(1e-37)];
          const one = k.i32From([0]);
          for (let step = 1; step <= 400; step++) {
            const settings = { ...options, weightDecay, decoupled: false, step };
            k.adam(w, g, m, v, 6, settings);
            k.lazyAdam(w.subarray(6), g.subarray(6), m.subarray(6), v.subarray(6), 1, one, 1, settings);
            for (const view of [w, m, v]) expect(view.some(denormal)).toBe(false);
          }
          if (weightDecay === 0) expect(m.every((x) => x === 0)).toBe(true);
          expect(w.every(Number.isFinite)).toBe(true);
        }
      });
    }
  });

  it("lazyAdam, adagrad, sgd", () => {
    fc.assert(
      fc.property(seeds, cols, (seed, d) => {
        compare(1e-5, (k) => {
          const n = 5 * d;
          const make = () => [k.f32From(normals(seed, n)), k.f32From(normals(seed + 1, n))] as const;
          const [w1, g1] = make();
          const [m, v] = [k.f32(n), k.f32(n)];
          k.lazyAdam(w1, g1, m, v, d, k.i32From([1, 4]), 2, { ...options, step: 1, decoupled: false });
          const [w2, g2] = make();
          const sum = k.f32(n);
          k.adagrad(w2, g2, sum, n, options);
          const [w3, g3] = make();
          k.sgd(w3, g3, n, options);
          return [w1, g1, m, v, w2, g2, sum, w3, g3];
        });
      }),
    );
  });
});

describe("ranking", () => {
  const shapes = fc.record({
    seed: seeds,
    d: fc.integer({ min: 1, max: 21 }),
    users: fc.integer({ min: 1, max: 70 }),
    items: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(512, 515, 1100)),
    k: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constant(300)),
    levels: fc.boolean(),
  });

  it("topK gives the same lists and bits", () => {
    fc.assert(
      fc.property(shapes, ({ seed, d, users, items, k, levels }) => {
        compare(0, (kernels) => {
          const round = (x: Float32Array) => (levels ? x.map(Math.round) : x);
          const user = kernels.f32From(round(normals(seed, users * d)));
          const item = kernels.f32From(round(normals(seed + 1, items * d)));
          const excluded = csr(seed + 2, users, items, 6);
          const n = Math.max(0, users - 1);
          const userIds = kernels.i32From(ids(seed + 3, n, users));
          const [offsets, columns] = [kernels.i32From(excluded.offsets), kernels.i32From(excluded.columns)];
          const [outItems, outScores] = [kernels.i32(n * k), kernels.f32(n * k)];
          kernels.topK(user, item, d, items, userIds, n, offsets, columns, k, outItems, outScores);
          return [outItems, outScores];
        });
      }),
      { numRuns: 60 },
    );
  });

  it("rankCounts counts the same, targets excluded or not, many ties", () => {
    fc.assert(
      fc.property(shapes, ({ seed, d, users, items, levels }) => {
        compare(0, (kernels) => {
          const round = (x: Float32Array) => (levels ? x.map(Math.round) : x);
          const user = kernels.f32From(round(normals(seed, users * d)));
          const item = kernels.f32From(round(normals(seed + 1, items * d)));
          const excluded = csr(seed + 2, users, items, 6);
          const targets = csr(seed + 4, users, items, 2);
          if (numbers(seed).uniform() < 0.3) user[0] = Number.NaN;
          const userIds = kernels.i32From(ids(seed + 3, users, users));
          const above = kernels.i32(targets.columns.length);
          const ties = kernels.i32(targets.columns.length);
          kernels.rankCounts(
            ...([user, item, d, items, userIds] as const),
            ...([kernels.i32From(targets.offsets), kernels.i32From(targets.columns), users] as const),
            ...([kernels.i32From(excluded.offsets), kernels.i32From(excluded.columns), above, ties] as const),
          );
          return [above, ties];
        });
      }),
      { numRuns: 60 },
    );
  });
});
