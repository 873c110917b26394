import type { Activation, Kernels } from "@kdp/plugin-api";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGradient } from "./finite-differences.js";
import { bothKernels, type Compare, comparison, csr, eighths, expectClose, ids, normals, numbers } from "./support.js";

let compare: Compare;
let wasm: Kernels;
let plain: Kernels;
beforeAll(async () => {
  ({ wasm, plain } = await bothKernels());
  compare = comparison(wasm, plain);
});

const seeds = fc.integer({ min: 1, max: 1e6 });
const small = fc.integer({ min: 0, max: 23 });
const cols = fc.integer({ min: 1, max: 37 });

/** Unit rows; a row of zeros stays one. */
function unitRows(k: Kernels, seed: number, n: number, d: number): Float32Array {
  const [unit, norms] = [k.f32(n * d), k.f32(n)];
  const x = k.f32From(normals(seed, n * d));
  if (n > 3) x.fill(0, 2 * d, 3 * d);
  k.normalizeRows(x, d, n, 1e-12, unit, norms);
  return unit;
}

describe("topology", () => {
  it("gramF64 and sumSquaresF64 are exact to float64", () => {
    fc.assert(
      fc.property(
        seeds,
        cols,
        cols,
        fc.oneof(small, fc.constantFrom(128, 300)),
        fc.boolean(),
        (seed, p, q, n, same) => {
          compare(1e-12, (k) => {
            const a = k.f32From(normals(seed, n * p));
            const b = same ? a : k.f32From(normals(seed + 1, n * q));
            const bCols = same ? p : q;
            const out = k.f64(p * bCols);
            k.gramF64(a, p, b, bCols, n, out);
            return [out, k.sumSquaresF64(out, out.length)];
          });
        },
      ),
    );
  });

  it("cosineBlocks, pair by pair and through Grams", () => {
    const sizes = fc.array(fc.oneof(small, fc.constantFrom(64, 65, 150)), { maxLength: 4 });
    fc.assert(
      fc.property(seeds, cols, cols, sizes, fc.boolean(), fc.boolean(), (seed, dT, dS, blocks, positiveOnly, value) => {
        compare(2e-4, (k) => {
          const offsets = k.i32(blocks.length + 1);
          blocks.forEach((size, g) => {
            offsets[g + 1] = (offsets[g] as number) + size;
          });
          const n = offsets[blocks.length] as number;
          const dStudent = k.f32From(normals(seed + 2, n * dS));
          const result = k.cosineBlocks({
            // Which pairs are positive must not depend on rounding.
            teacher: positiveOnly ? k.f32From(eighths(seed, n * dT)) : unitRows(k, seed, n, dT),
            teacherCols: dT,
            student: unitRows(k, seed + 1, n, dS),
            studentCols: dS,
            offsets,
            blocks: blocks.length,
            positiveOnly,
            value,
            weight: 0.3,
            dStudent,
          });
          // Without `value` it may be NaN; where it is a number it must be right.
          return value ? [result, dStudent] : [dStudent];
        });
      }),
      { numRuns: 60 },
    );
  });

  it("cosineCross, with and without a skipped anchor and gradient of the anchors", () => {
    fc.assert(
      fc.property(
        seeds,
        cols,
        cols,
        small,
        fc.oneof(small, fc.constant(130)),
        fc.boolean(),
        (seed, dT, dS, m, n, full) => {
          compare(1e-4, (k) => {
            const dRows = k.f32From(normals(seed + 4, n * dS));
            const dAnchors = full ? k.f32(m * dS) : null;
            const result = k.cosineCross({
              teacherAnchors: unitRows(k, seed, m, dT),
              teacherRows: unitRows(k, seed + 1, n, dT),
              teacherCols: dT,
              studentAnchors: unitRows(k, seed + 2, m, dS),
              studentRows: unitRows(k, seed + 3, n, dS),
              studentCols: dS,
              anchors: m,
              rows: n,
              skip: full ? k.i32From(ids(seed + 5, n, m + 1).map((g) => g - 1)) : null,
              weight: 0.7,
              dAnchors,
              dRows,
            });
            return [result, dRows, ...(dAnchors ? [dAnchors] : [])];
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe.each(["plain", "wasm"] as const)("topology terms of the %s kernels against the published code", (name) => {
  // The tiny example that the official functions were run on (float32): rows of the batch, users first.
  const teacher = [
    ...[0.52, -0.44, -0.19, 0.47, -0.94, 0.6, -0.12, 0.28, 0.05],
    ...[0.37, -0.39, -0.07, 0.87, 0.31, -0.37, -0.6, -0.17, -0.43, -0.32, 0.05, 0.6],
  ];
  const student = [...[0.54, -0.98, 0.62, 0.28, -0.91, -0.95], ...[-0.48, 0.88, -0.46, 0.98, -0.42, 0.75, 0.01, -0.53]];
  let k: Kernels;
  beforeAll(() => {
    k = name === "wasm" ? wasm : plain;
  });

  const normalized = (rows: readonly number[], d: number) => {
    const n = rows.length / d;
    const [unit, norms] = [k.f32(rows.length), k.f32(n)];
    k.normalizeRows(k.f32From(rows), d, n, 1e-12, unit, norms);
    return { unit, norms };
  };

  it("FTD", () => {
    const t = normalized(teacher, 3);
    const s = normalized(student, 2);
    for (const value of [true, false]) {
      const [dUnit, d] = [k.f32(14), k.f32(14)];
      const result = k.cosineBlocks({
        teacher: t.unit,
        teacherCols: 3,
        student: s.unit,
        studentCols: 2,
        offsets: k.i32From([0, 7]),
        blocks: 1,
        positiveOnly: false,
        value,
        weight: 1,
        dStudent: dUnit,
      });
      if (value) expect(result).toBeCloseTo(35.742237, 4);
      k.normalizeRowsGrad(s.unit, s.norms, dUnit, 2, 7, d);
      expectClose(
        d,
        [
          ...[-7.829898, -4.314433, -1.746928, 3.868198, 2.670047, -2.557624],
          ...[-4.35063, -2.373075, 0.445279, 0.209007, 4.453439, 2.493923, 4.157204, 0.078443],
        ],
        1e-5,
      );
    }
  });

  it("HTD: entities of a group, and prototypes against entities", () => {
    const groups = [0, 0, 1, 3, 2, 3, 2];
    const order = [0, 1, 2, 4, 6, 3, 5];
    const sorted = (rows: readonly number[], d: number) => order.flatMap((r) => rows.slice(r * d, (r + 1) * d));
    const prototypes = (rows: readonly number[], d: number) =>
      [0, 1, 2, 3].flatMap((g) => {
        const members = groups.flatMap((own, r) => (own === g ? [r] : []));
        return Array.from(
          { length: d },
          (_, c) => members.reduce((sum, r) => sum + (rows[r * d + c] as number), 0) / members.length,
        );
      });
    const [t, s] = [normalized(sorted(teacher, 3), 3), normalized(sorted(student, 2), 2)];
    const [dUnit, d] = [k.f32(14), k.f32(14)];
    const entities = k.cosineBlocks({
      ...{ teacher: t.unit, teacherCols: 3, student: s.unit, studentCols: 2 },
      ...{
        offsets: k.i32From([0, 2, 3, 5, 7]),
        blocks: 4,
        positiveOnly: true,
        value: true,
        weight: 1,
        dStudent: dUnit,
      },
    });
    const groupTerm = k.cosineCross({
      ...{ teacherAnchors: normalized(prototypes(teacher, 3), 3).unit, teacherRows: t.unit, teacherCols: 3 },
      ...{ studentAnchors: normalized(prototypes(student, 2), 2).unit, studentRows: s.unit, studentCols: 2 },
      ...{ anchors: 4, rows: 7, skip: null, weight: 1, dAnchors: null, dRows: dUnit },
    });
    expect(entities + groupTerm).toBeCloseTo(18.689634, 4);
    k.normalizeRowsGrad(s.unit, s.norms, dUnit, 2, 7, d);
    const expected = [
      ...[-3.007337, -1.657103, -1.066802, 2.362205, 0.633255, -0.606592],
      ...[-3.059153, -1.668629, -0.801285, -0.376114, -0.91441, -0.51207, 3.725709, 0.070297],
    ];
    expectClose(d, sorted(expected, 2), 1e-5);
  });
});

describe("layers", () => {
  const activations = fc.constantFrom<Activation>("none", "relu", "tanh", "sigmoid");
  it("addBias and its gradient", () => {
    fc.assert(
      fc.property(seeds, small, cols, activations, fc.constantFrom(1, 60), (seed, n, d, activation, scale) => {
        compare(2e-6, (k) => {
          const x = k.f32From(normals(seed, n * d, scale));
          const dBias = k.f32From(normals(seed + 1, d));
          const dy = k.f32From(normals(seed + 2, n * d));
          k.addBias(x, k.f32From(normals(seed + 3, d)), n, d, activation);
          k.addBiasGrad(x, dy, n, d, activation, dBias);
          return [x, dy, dBias];
        });
      }),
    );
  });

  const problem = (k: Kernels, seed: number, n: number, experts: number, sparse: number) => {
    const [inCols, hidden, outCols] = [3 + (seed % 5), 1 + (seed % 7), 2 + (seed % 11)];
    const f32 = (offset: number, length: number) => k.f32From(normals(seed + offset, length));
    // Which hidden units are above 0 must not depend on rounding.
    const exact = (offset: number, length: number) => k.f32From(eighths(seed + offset, length));
    const random = numbers(seed);
    const options = {
      ...{ n, experts, inCols, hidden, outCols, input: exact(1, n * inCols) },
      z: k.f32From(
        Float32Array.from({ length: n * experts }, () => (random.uniform() < sparse ? 0 : random.uniform())),
      ),
      ...{ w1: exact(2, experts * inCols * hidden), b1: exact(3, experts * hidden) },
      ...{ w2: f32(4, experts * hidden * outCols), b2: f32(5, experts * outCols) },
    };
    const grads = {
      ...{ input: f32(6, n * inCols), z: f32(7, n * experts), w1: f32(8, options.w1.length) },
      ...{ b1: f32(9, options.b1.length), w2: f32(10, options.w2.length), b2: f32(11, options.b2.length) },
    };
    return { options, grads, dOut: f32(12, n * outCols), out: k.f32(n * outCols) };
  };

  it("mixExperts and its gradient: no expert, some, all of a row's", () => {
    fc.assert(
      fc.property(
        seeds,
        small,
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom(0, 0.5, 0.9, 1),
        (seed, n, experts, sparse) => {
          compare(2e-5, (k) => {
            const { options, grads, dOut, out } = problem(k, seed, n, experts, sparse);
            k.mixExperts(options, out);
            k.mixExpertsGrad(options, dOut, grads);
            return [out, ...Object.values(grads)];
          });
        },
      ),
    );
  });

  it("mixExpertsGrad agrees with differences", () => {
    const { options, grads, dOut, out } = problem(plain, 21, 3, 2, 0);
    const value = () => {
      plain.mixExperts(options, out);
      return out.reduce((sum, v, at) => sum + v * (dOut[at] as number), 0);
    };
    for (const name of ["w1", "b1", "w2", "b2"] as const) grads[name].fill(0);
    plain.mixExpertsGrad(options, dOut, grads);
    for (const name of ["input", "z", "w1", "b1", "w2", "b2"] as const) {
      expectGradient(value, options[name], grads[name], { tolerance: 5e-3 });
    }
  });
});

describe("softmax and scores", () => {
  it("softmaxRows, in place, negative scales, long rows", () => {
    fc.assert(
      fc.property(seeds, small, fc.oneof(cols, fc.constant(777)), fc.constantFrom(1, -2, 30), (seed, n, d, scale) => {
        compare(3e-6, (k) => {
          const x = k.f32From(normals(seed, n * d));
          const out = k.f32(n * d);
          k.softmaxRows(x, n, d, scale, out);
          k.softmaxRows(x, n, d, scale, x);
          expectClose(x, out, 0);
          return [out];
        });
      }),
    );
  });

  const gate = (k: Kernels, seed: number, n: number, d: number, tau: number, least = 0) => ({
    ...{ n, cols: d, tau, floor: 1e-10, least },
    logits: k.f32From(normals(seed, n * d)),
    noise: k.f32From(normals(seed + 1, n * d)),
  });

  it("gumbelSoftmax and its gradient", () => {
    fc.assert(
      fc.property(seeds, small, cols, fc.constantFrom(1, 0.3), (seed, n, d, tau) => {
        compare(2e-5, (k) => {
          const options = gate(k, seed, n, d, tau);
          const z = k.f32(n * d);
          k.gumbelSoftmax(options, z);
          const dz = k.f32From(normals(seed + 2, n * d));
          k.gumbelSoftmaxGrad(options, z, dz, dz);
          return [z, dz];
        });
      }),
    );
  });

  it("gumbelSoftmax leaves negligible gates out", () => {
    for (const k of [wasm, plain]) {
      const z = k.f32(3);
      const options = { ...gate(k, 1, 1, 3, 1, 0.01), logits: k.f32From([0, 5, -1]), noise: k.f32(3) };
      k.gumbelSoftmax(options, z);
      // softmax of (0, 5, -1) is (.0067, .991, .0025)
      expectClose(z, [0, 0.9909, 0], 1e-4);
    }
  });

  it("gumbelSoftmax is one-hot without a gradient at tau = 1e-10", () => {
    for (const k of [wasm, plain]) {
      const options = gate(k, 5, 4, 6, 1e-10);
      const [z, dz] = [k.f32(24), k.f32From(normals(6, 24))];
      k.gumbelSoftmax(options, z);
      for (let r = 0; r < 4; r++) expect(z.subarray(r * 6, r * 6 + 6).filter((v) => v === 1).length).toBe(1);
      expect(z.reduce((sum, v) => sum + v, 0)).toBe(4);
      k.gumbelSoftmaxGrad(options, z, dz, dz);
      expect(Array.from(dz, Math.abs)).toEqual(Array(24).fill(0));
    }
  });

  it("gumbelSoftmaxGrad agrees with differences", () => {
    const options = gate(plain, 8, 2, 5, 0.7);
    const [z, d] = [plain.f32(10), plain.f32(10)];
    const dz = plain.f32From(normals(9, 10));
    const value = () => {
      plain.gumbelSoftmax(options, z);
      return z.reduce((sum, v, at) => sum + v * (dz[at] as number), 0);
    };
    value();
    plain.gumbelSoftmaxGrad(options, z, dz, d);
    expectGradient(value, options.logits, d);
  });

  it("multinomialRows, empty rows, in place", () => {
    fc.assert(
      fc.property(seeds, small, fc.oneof(cols, fc.constant(600)), fc.constantFrom(1, 50), (seed, n, d, scale) => {
        compare(1e-5, (k) => {
          const logits = k.f32From(normals(seed, n * d, scale));
          const listed = csr(seed + 1, n, d, 3);
          const [offsets, columns] = [k.i32From(listed.offsets), k.i32From(listed.columns)];
          const dLogits = k.f32(n * d);
          const value = k.multinomialRows(logits, n, d, offsets, columns, 0.5, dLogits);
          expect(k.multinomialRows(logits, n, d, offsets, columns, 0.5, logits)).toBe(value);
          expectClose(logits, dLogits, 0);
          return [value, dLogits];
        });
      }),
    );
  });

  it("binaryCrossEntropy, soft labels, weights, any size of logits", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 0, max: 50 }),
        fc.boolean(),
        fc.constantFrom(1, 100),
        (seed, n, weighted, scale) => {
          compare(3e-6, (k) => {
            const random = numbers(seed);
            const uniform = () => k.f32From(Float32Array.from({ length: n }, random.uniform));
            const logits = k.f32From(normals(seed, n, scale));
            const d = k.f32(n);
            const value = k.binaryCrossEntropy(logits, uniform(), weighted ? uniform() : null, n, 2, d);
            expect(Number.isFinite(value)).toBe(true);
            return [value, d];
          });
        },
      ),
    );
  });

  it("gradients of multinomialRows and binaryCrossEntropy agree with differences", () => {
    const logits = plain.f32From(normals(3, 12));
    const [d, scratch] = [plain.f32(12), plain.f32(12)];
    const [offsets, columns] = [plain.i32From([0, 2, 3]), plain.i32From([1, 4, 0])];
    plain.multinomialRows(logits, 2, 6, offsets, columns, 1, d);
    expectGradient(() => plain.multinomialRows(logits, 2, 6, offsets, columns, 1, scratch), logits, d);
    const [labels, weights] = [plain.f32(12).fill(0.3), plain.f32(12).fill(1.5)];
    plain.binaryCrossEntropy(logits, labels, weights, 12, 1, d);
    expectGradient(() => plain.binaryCrossEntropy(logits, labels, weights, 12, 1, scratch), logits, d);
  });

  const rest = (k: Kernels, seed: number, users: number, items: number, d: number, n: number, scale = 1) => {
    const excluded = csr(seed + 2, users, items, 6);
    return {
      ...{ cols: d, items, n, userIds: k.i32From(ids(seed + 3, n, users)) },
      user: k.f32From(normals(seed, users * d, scale)),
      item: k.f32From(normals(seed + 1, items * d, scale)),
      excludeOffsets: k.i32From(excluded.offsets),
      excludeItems: k.i32From(excluded.columns),
    };
  };

  it("logSumExpRest and its gradient: users repeated, nothing left, far apart scores", () => {
    const items = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(512, 517, 1030));
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 5 }),
        items,
        fc.integer({ min: 0, max: 13 }),
        small,
        fc.constantFrom(1, 10),
        (seed, users, count, d, n, scale) => {
          compare(scale === 1 ? 2e-5 : 2e-3, (k) => {
            const options = rest(k, seed, users, count, d, n, scale);
            const [out, alone] = [k.f32(n), k.f32(n)];
            k.logSumExpRest(options, alone, null);
            const gradient = { dOut: k.f32(n), dUser: k.f32(users * d), dItem: k.f32(count * d) };
            const wanted = normals(seed + 4, n);
            let done = 0;
            k.logSumExpRest(options, out, {
              ...gradient,
              differentiate(from, to) {
                expect(from).toBe(done);
                expect(out.subarray(from, to)).toEqual(alone.subarray(from, to));
                gradient.dOut.set(wanted.subarray(from, to), from);
                // Another kernel's temporaries must not lie where the pass keeps its own.
                k.gemm({ m: 40, n: 40, k: 40, a: k.f32(1600), b: k.f32(1600), c: k.f32(1600) });
                done = to;
              },
            });
            expect(done).toBe(n);
            return [out, gradient.dUser, gradient.dItem];
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("logSumExpRest does not depend on which users share its memory", () => {
    // Their exponentials fill the room that is kept several times over.
    const [users, items, d, n] = [30, 30_011, 3, 37];
    compare(2e-5, (k) => {
      const options = rest(k, 5, users, items, d, n);
      const gradient = { dOut: k.f32(n), dUser: k.f32(users * d), dItem: k.f32(items * d) };
      const wanted = normals(6, n);
      const out = k.f32(n);
      const parts: number[] = [];
      k.logSumExpRest(options, out, {
        ...gradient,
        differentiate(from, to) {
          gradient.dOut.set(wanted.subarray(from, to), from);
          parts.push(from, to);
        },
      });
      if (k === wasm) expect(parts.length).toBeGreaterThan(4);
      const [last, alone] = [n - 1, k.f32(1)];
      const own = { ...options, userIds: options.userIds.subarray(last), n: 1 };
      k.logSumExpRest(own, alone, null);
      expect(alone[0]).toBe(out[last]);
      return [out, gradient.dUser, gradient.dItem];
    });
  });

  it("logSumExpRest is right where a difference of totals is not, and says when nothing is left", () => {
    for (const k of [wasm, plain]) {
      // One listed score of 40 beside 100 unlisted of 0: total - listed is 0 in float32, the rest is log 100.
      const options = {
        ...{ cols: 1, items: 101, n: 2, userIds: k.i32From([0, 1]), user: k.f32From([1, 1]) },
        item: k.f32From([40, ...Array(100).fill(0)]),
        excludeOffsets: k.i32From([0, 1, 102]),
        excludeItems: k.i32From([0, ...Array.from({ length: 101 }, (_, i) => i)]),
      };
      const out = k.f32(2);
      k.logSumExpRest(options, out, null);
      expect(out[0]).toBeCloseTo(Math.log(100), 5);
      expect(out[1]).toBe(-Infinity);
      const [dUser, dItem] = [k.f32(2), k.f32(101)];
      k.logSumExpRest(options, out, { dOut: k.f32(2).fill(1), dUser, dItem, differentiate: () => {} });
      expectClose(dUser, [0, 0], 0);
      expectClose(dItem, [0, ...Array(100).fill(0.01)], 1e-6);
    }
  });

  it("logSumExpRest's gradient agrees with differences", () => {
    const options = rest(plain, 12, 2, 15, 3, 3);
    const [out, dOut] = [plain.f32(3), plain.f32From([1, -0.5, 2])];
    const value = () => {
      plain.logSumExpRest(options, out, null);
      return out.reduce((sum, v, at) => sum + v * (dOut[at] as number), 0);
    };
    const [dUser, dItem] = [plain.f32(6), plain.f32(45)];
    plain.logSumExpRest(options, out, { dOut, dUser, dItem, differentiate: () => {} });
    expectGradient(value, options.user, dUser);
    expectGradient(value, options.item, dItem);
  });

  it("NaN reaches every returned sum", () => {
    for (const k of [wasm, plain]) {
      const nan = k.f32(8).fill(1);
      nan[5] = Number.NaN;
      const d = k.f32(8);
      const id = k.i32From([0]);
      const table = nan.subarray(4);
      expect(k.plackettLuce(nan, 1, 3, 5, 1, d)).toBeNaN();
      expect(k.bpr(table, table, 4, id, id, id, 1, d, d)).toBeNaN();
      expect(k.binaryCrossEntropy(nan, d, null, 8, 1, d)).toBeNaN();
      expect(k.multinomialRows(nan, 1, 8, k.i32From([0, 1]), k.i32(1), 1, d)).toBeNaN();
      expect(k.metricHinge(table, table, 4, id, id, id, 1, 1, d, d)).toBeNaN();
      const out = k.f32(1);
      const options = { user: table, item: table, cols: 4, items: 1, userIds: id, n: 1 };
      k.logSumExpRest({ ...options, excludeOffsets: k.i32(2), excludeItems: k.i32(0) }, out, null);
      expect(out[0]).toBeNaN();
    }
  });
});

describe("metric learning", () => {
  it("squaredGaps", () => {
    fc.assert(
      fc.property(seeds, small, (seed, n) => {
        compare(1e-5, (k) => {
          const x = k.f32From(normals(seed, n));
          const value = k.squaredGaps(x, k.f32From(normals(seed + 1, n)), n, 0.25);
          return [value, x];
        });
      }),
    );
    const x = plain.f32From([1, 5]);
    expect(plain.squaredGaps(x, plain.f32From([3, 4]), 2, 10)).toBe(5);
    expect([...x]).toEqual([-40, 20]);
  });

  it("metricHinge and clipRows", () => {
    fc.assert(
      fc.property(seeds, cols, small, (seed, d, n) => {
        compare(1e-5, (k) => {
          // Which triplets are above 0 must not depend on rounding.
          const user = k.f32From(eighths(seed, 5 * d));
          const item = k.f32From(eighths(seed + 1, 6 * d));
          const [u, i, j] = [5, 6, 6].map((bound, q) => k.i32From(ids(seed + 2 + q, n, bound))) as [
            Int32Array,
            Int32Array,
            Int32Array,
          ];
          const [dUser, dItem] = [k.f32(5 * d), k.f32(6 * d)];
          const value = k.metricHinge(user, item, d, u, i, j, n, 1, dUser, dItem, 0.5);
          k.clipRows(user, d, u, n, 1);
          return [value, dUser, dItem, user];
        });
      }),
    );
  });

  it("metricHinge agrees with differences", () => {
    const user = plain.f32From(normals(1, 6));
    const item = plain.f32From(normals(2, 9));
    const [u, i, j] = [plain.i32From([0, 1, 1]), plain.i32From([0, 1, 2]), plain.i32From([1, 2, 0])];
    const run = () => {
      const [dUser, dItem] = [plain.f32(6), plain.f32(9)];
      return { dUser, dItem, value: plain.metricHinge(user, item, 3, u, i, j, 3, 3, dUser, dItem) };
    };
    const { dUser, dItem } = run();
    expectGradient(() => run().value, user, dUser);
    expectGradient(() => run().value, item, dItem);
  });
});
