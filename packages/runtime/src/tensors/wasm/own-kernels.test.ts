import type { Tf } from "@kdp/plugin-api";
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadTensorflow } from "../load-tensorflow.js";
import { type Heap, openHeap } from "./heap.js";
import { ownKernels } from "./register.js";

let tf: Tf;
let heap: Heap;
beforeAll(async () => {
  await loadTensorflow("cpu");
  tf = (await loadTensorflow("wasm")).tf;
  const opened = await openHeap(tf);
  if (!opened) throw new Error("this engine runs no SIMD: there is nothing to test");
  heap = opened;
});

interface Value {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype?: "bool" | "int32";
}
type Body = (t: Tf, xs: readonly Tensor[]) => Tensor | readonly Tensor[];

interface Outcome {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: ArrayLike<number>;
}

async function outcomes(backend: "cpu" | "wasm", body: Body, inputs: readonly Value[]): Promise<readonly Outcome[]> {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const xs = inputs.map(({ values, shape, dtype }) => tf.tensor([...values], [...shape], dtype ?? "float32"));
    return [body(tf, xs)].flat().map((y) => ({ shape: y.shape, dtype: y.dtype, values: (y as Tensor).dataSync() }));
  }) as unknown as readonly Outcome[];
}

/** Below this numbers are denormal, or nearly. */
const DENORMAL = 1e-37;

/** Both back-ends agree to `relative`, and the WebAssembly one is left with no tensor more than before. */
async function agree(body: Body, inputs: readonly Value[], relative: number, absolute = DENORMAL): Promise<void> {
  const wanted = await outcomes("cpu", body, inputs);
  await tf.setBackend("wasm");
  const before = tf.memory();
  const found = await outcomes("wasm", body, inputs);
  expect(tf.memory().numTensors).toBe(before.numTensors);
  expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  expect(found.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    wanted.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  wanted.forEach(({ values }, i) => {
    for (const [at, value] of Array.from(values).entries()) {
      const own = found[i]?.values[at] as number;
      const near = Object.is(own, value) || Math.abs(own - value) <= relative * Math.abs(value) + absolute;
      if (!near && !(Number.isNaN(own) && Number.isNaN(value)))
        throw new Error(`number ${at} of ${i}: ${own}, not ${value}`);
    }
  });
}

const length = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 37 }));
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const number = fc.double({ min: -4, max: 4, noNaN: true }).map(Math.fround);
const numbers = (shape: readonly number[], of: fc.Arbitrary<number> = number): fc.Arbitrary<Value> =>
  fc.array(of, { minLength: size(shape), maxLength: size(shape) }).map((values) => ({ shape, values }));
const shapes = (min: number, max: number) => fc.array(length, { minLength: min, maxLength: max });
const tensor = (min = 0, max = 3) => shapes(min, max).chain((shape) => numbers(shape));
const one = (of: fc.Arbitrary<Value>) => of.map((x) => [x]);

/** Two shapes that broadcast: axes of one or the other become 1, leading ones are left out. */
const pairs = shapes(0, 4)
  .filter((shape) => size(shape) < 4000)
  .chain((shape) => {
    const thinned = fc
      .tuple(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }), fc.nat(shape.length))
      .map(([keep, from]) => shape.map((n, axis) => (keep[axis] ? n : 1)).slice(from));
    return fc.tuple(fc.constant(shape), thinned, fc.boolean(), thinned);
  })
  .chain(([whole, a, both, b]) => fc.tuple(numbers(both ? b : whole), numbers(a)))
  .map(([a, b]) => [a, b] as const);

interface Case {
  readonly inputs: fc.Arbitrary<readonly Value[]>;
  /** Built from what was drawn, so that axes fit shapes. */
  readonly body: (inputs: readonly Value[]) => Body;
  /** Rounding that is allowed, as a part of the value; 0 is "the same bits". */
  readonly relative: number;
  readonly absolute?: number;
}

const map = (f: (t: Tf, x: Tensor) => Tensor, relative: number, inputs = one(tensor())): Case => ({
  inputs,
  body: () => (t, xs) => f(t, xs[0] as Tensor),
  relative,
});
const positive = one(shapes(0, 3).chain((shape) => numbers(shape, fc.double({ min: 1e-6, max: 9, noNaN: true }))));
const pairwise = (f: (t: Tf, a: Tensor, b: Tensor) => Tensor): Case => ({
  inputs: pairs,
  body: () => (t, xs) => f(t, xs[0] as Tensor, xs[1] as Tensor),
  relative: 0,
});
/** Small integers: they tie, and their sums are exact in any order. */
const integers = (min: number, max: number) =>
  shapes(min, max)
    .filter((shape) => size(shape) > 0)
    .chain((shape) => numbers(shape, fc.integer({ min: -3, max: 3 })));
const axesOf = (rank: number): number[][] =>
  Array.from({ length: 1 << rank }, (_, bits) =>
    Array.from({ length: rank }, (_, i) => i).filter((i) => bits & (1 << i)),
  );

/** Every choice of axes, with the reduced ones kept and dropped. */
const alongAxes = (f: (t: Tf, x: Tensor, axes: number[], keep: boolean) => Tensor): Case => ({
  inputs: one(integers(1, 4)),
  body: () => (t, xs) => {
    const x = xs[0] as Tensor;
    return axesOf(x.rank).flatMap((axes) => (axes.length > 0 ? [f(t, x, axes, true), f(t, x, axes, false)] : []));
  },
  relative: 0,
});
/** Orders of up to four axes. */
const orders = (axes: readonly number[]): number[][] =>
  axes.length === 0
    ? [[]]
    : axes.flatMap((axis) => orders(axes.filter((a) => a !== axis)).map((rest) => [axis, ...rest]));

const matrices = fc
  .tuple(fc.oneof(length, fc.integer({ min: 120, max: 140 })), length, fc.oneof(length, fc.constant(261)))
  .chain(([m, n, k]) => {
    const batch = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.boolean());
    return batch.chain(([count, one, flat]) =>
      fc.tuple(
        numbers([count, m, k], fc.integer({ min: -3, max: 3 })),
        numbers(flat ? [k, n] : [one ? 1 : count, k, n], fc.integer({ min: -3, max: 3 })),
      ),
    );
  })
  .map(([a, b]) => [a, b] as const);

const cases: Readonly<Record<string, Case>> = {
  Abs: map((t, x) => t.abs(x), 0),
  Exp: map((t, x) => t.exp(x), 3e-7),
  Log: map((t, x) => t.log(x), 3e-7, positive),
  Log1p: map((t, x) => t.log1p(x), 3e-7, positive),
  Neg: map((t, x) => t.neg(x), 0),
  Reciprocal: map((t, x) => t.reciprocal(x), 1e-7, positive),
  Relu: map((t, x) => t.relu(x), 0),
  Rsqrt: map((t, x) => t.rsqrt(x), 2e-7, positive),
  Sigmoid: map((t, x) => t.sigmoid(x), 3e-7),
  Sign: map((t, x) => t.sign(x), 0),
  Softplus: map((t, x) => t.softplus(x), 4e-7),
  Sqrt: map((t, x) => t.sqrt(x), 1e-7, positive),
  Square: map((t, x) => t.square(x), 0),
  Tanh: map((t, x) => t.tanh(x), 4e-7),
  Add: pairwise((t, a, b) => t.add(a, b)),
  Maximum: pairwise((t, a, b) => t.maximum(a, b)),
  Minimum: pairwise((t, a, b) => t.minimum(a, b)),
  Multiply: pairwise((t, a, b) => t.mul(a, b)),
  RealDiv: pairwise((t, a, b) => t.div(a, b)),
  SquaredDifference: { ...pairwise((t, a, b) => t.squaredDifference(a, b)), relative: 3e-7 },
  Sub: pairwise((t, a, b) => t.sub(a, b)),
  Equal: pairwise((t, a, b) => t.equal(a, b)),
  Greater: pairwise((t, a, b) => t.greater(a, b)),
  GreaterEqual: pairwise((t, a, b) => t.greaterEqual(a, b)),
  Less: pairwise((t, a, b) => t.less(a, b)),
  LessEqual: pairwise((t, a, b) => t.lessEqual(a, b)),
  NotEqual: pairwise((t, a, b) => t.notEqual(a, b)),
  Cast: map((t, x) => t.add(t.cast(t.greater(x, 0), "float32"), t.cast(x, "float32")), 0),
  Pow: {
    inputs: positive,
    body: () => (t, xs) => [-1, 0.5, 1, 2, 3].map((power) => t.pow(xs[0] as Tensor, power)),
    relative: 3e-7,
  },
  Select: map((t, x) => t.where(t.greater(x, 0), x, t.neg(x)), 0),
  Max: alongAxes((t, x, axes, keep) => t.max(x, axes, keep)),
  // The plain one divides each number before it adds.
  Mean: { ...alongAxes((t, x, axes, keep) => t.mean(x, axes, keep)), absolute: 1e-6 },
  Min: alongAxes((t, x, axes, keep) => t.min(x, axes, keep)),
  Sum: alongAxes((t, x, axes, keep) => t.sum(x, axes, keep)),
  Softmax: map((t, x) => t.softmax(x), 5e-7, one(tensor(1, 3).filter(({ shape }) => size(shape) > 0))),
  BatchMatMul: {
    inputs: matrices,
    body: () => (t, xs) => {
      const [a, b] = xs as [Tensor, Tensor];
      const turned = (x: Tensor) => t.transpose(x, [...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2]);
      return [
        t.matMul(a, b),
        t.matMul(turned(a), b, true),
        t.matMul(a, turned(b), false, true),
        t.matMul(turned(a), turned(b), true, true),
        // With itself: only half is computed.
        t.matMul(a, a, true, false),
        t.matMul(a, a, false, true),
      ];
    },
    relative: 0,
  },
  Transpose: {
    inputs: one(tensor(0, 4)),
    body:
      ([x]) =>
      (t, xs) =>
        orders(Array.from(x?.shape ?? [], (_, axis) => axis)).map((perm) => t.transpose(xs[0] as Tensor, perm)),
    relative: 0,
  },
  Identity: map((t, x) => t.add(t.clone(x), x), 0),
  Concat: {
    inputs: one(tensor(1, 4)),
    body:
      ([x]) =>
      (t, xs) => {
        const a = xs[0] as Tensor;
        return Array.from(x?.shape ?? [], (_, axis) => t.concat([a, t.neg(a), t.slice(a, 0, -1)], axis));
      },
    relative: 0,
  },
  PadV2: {
    inputs: one(tensor(1, 4)),
    body:
      ([x]) =>
      (t, xs) => {
        const frames = [1, 2, 3].map((seed) =>
          Array.from(x?.shape ?? [], (_, axis): [number, number] => [(seed * (axis + 1)) % 3, (seed + axis) % 2]),
        );
        return frames.map((frame, i) => t.pad(xs[0] as Tensor, frame, i));
      },
    relative: 0,
  },
  Slice: {
    inputs: one(tensor(1, 4)),
    body:
      ([x]) =>
      (t, xs) =>
        [1, 2, 3, 4, 5].map((seed) => {
          const begin = Array.from(x?.shape ?? [], (n, axis) => Math.min(n, (seed >> (axis % 3)) & 1));
          const to = begin.map((from, axis) =>
            (seed + axis) % 3 === 0 ? -1 : Math.ceil(((x?.shape[axis] ?? 0) - from) / 2),
          );
          return t.slice(xs[0] as Tensor, begin, to);
        }),
    relative: 0,
  },
  SplitV: {
    inputs: one(tensor(1, 4).filter(({ shape }) => size(shape) > 0)),
    body:
      ([x]) =>
      (t, xs) =>
        Array.from(x?.shape ?? [], (n, axis) => t.split(xs[0] as Tensor, [n >> 1, n - (n >> 1)], axis)).flat(),
    relative: 0,
  },
  Tile: {
    inputs: one(shapes(1, 4).chain((shape) => numbers(shape.map((n) => (n % 2 ? 1 : n))))),
    body:
      ([x]) =>
      (t, xs) => [
        t.tile(xs[0] as Tensor, x?.shape.map((n, axis) => (n === 1 ? 2 + axis : 1)) ?? []),
        t.tile(xs[0] as Tensor, x?.shape.map(() => 2) ?? []),
      ],
    relative: 0,
  },
};

describe("kernels in place of the WebAssembly back-end's own", () => {
  it("all have a case", () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(ownKernels(heap)).sort());
  });

  it.each(Object.entries(cases))(
    "%s agrees with the plain back-end on any shape, and leaks nothing",
    async (name, { inputs, body, relative, absolute }) => {
      await fc.assert(
        fc.asyncProperty(inputs, (drawn) => agree(body(drawn), drawn, relative, absolute)),
        { numRuns: name === "BatchMatMul" ? 12 : 30, seed: 11 },
      );
      await tf.setBackend("wasm");
      const used = await tf.profile(() => {
        const [drawn = []] = fc.sample(inputs, { numRuns: 1, seed: 3 });
        tf.tidy(() => {
          body(drawn)(
            tf,
            drawn.map(({ values, shape }) => tf.tensor([...values], [...shape])),
          );
        });
        return tf.scalar(0);
      });
      expect(used.kernelNames).toContain(name);
    },
  );

  it.each([
    "Exp",
    "Log",
    "Log1p",
    "Neg",
    "Abs",
    "Reciprocal",
    "Relu",
    "Rsqrt",
    "Sigmoid",
    "Sign",
    "Softplus",
    "Sqrt",
    "Square",
    "Tanh",
  ])("%s is right at the ends of float32", async (name) => {
    const found = cases[name];
    if (!found) throw new Error(`no case ${name}`);
    const values = [
      0,
      -0,
      Number.NaN,
      Infinity,
      -Infinity,
      1e-40,
      -1e-40,
      3e38,
      -3e38,
      88.5,
      88.8,
      -87.5,
      -103,
      -110,
      1,
      -1,
      0.625,
      1e-9,
    ]
      .map(Math.fround)
      // Of a negative number there is none, and which NaN stands there is not told.
      .filter((x) => name !== "Log1p" || x >= 0);
    const input = { shape: [values.length], values };
    await agree(found.body([input]), [input], found.relative);
  });

  it.each([
    ["Tile", { x: [1, 1] }, { reps: [3, 5] }],
    ["Tile", { x: [4, 1] }, { reps: [1, 5] }],
    ["Tile", { x: [1, 4] }, { reps: [5, 1] }],
    ["Sum", { x: [3, 4] }, { axis: [0] }],
    ["Sum", { x: [3, 4] }, { axis: [1], keepDims: true }],
    ["Max", { x: [3, 4] }, { reductionIndices: 1 }],
    ["Softmax", { logits: [3, 4] }, { dim: -1 }],
    ["Multiply", { a: [3, 4], b: [3, 1] }, {}],
    ["Equal", { a: [3, 1, 4], b: [1, 5, 4] }, {}],
    ["Pow", { a: [3, 4], b: [] }, {}],
    ["BatchMatMul", { a: [3, 4], b: [3, 5] }, { transposeA: true, transposeB: false }],
    ["Transpose", { x: [2, 3, 4] }, { perm: [0, 2, 1] }],
    ["Slice", { x: [2, 3, 4] }, { begin: [1, 0, 1], size: [1, 3, 2] }],
    [
      "PadV2",
      { x: [3, 4] },
      {
        paddings: [
          [0, 0],
          [1, 2],
        ],
        constantValue: 0,
      },
    ],
    ["SplitV", { x: [3, 4] }, { numOrSizeSplits: 2, axis: 1 }],
  ] as const)("%s of %j with %j is not left to the kernel behind it", async (name, sizes, attrs) => {
    await tf.setBackend("wasm");
    tf.tidy(() => {
      const entries = Object.entries(sizes as Readonly<Record<string, readonly number[]>>);
      const inputs = Object.fromEntries(entries.map(([key, shape]) => [key, tf.fill([...shape], 2)]));
      const out = ownKernels(heap)[name]?.({ inputs, attrs: attrs as NamedAttrMap, backend: heap.backend });
      expect(out).not.toBeNull();
      for (const { dataId } of [out ?? []].flat()) heap.backend.disposeData(dataId);
    });
  });

  it("sums long rows and columns to float32's rounding, not to that of many additions", async () => {
    await tf.setBackend("wasm");
    const sums = tf.tidy(() => {
      const x = tf.fill([100_000, 5], 0.1);
      return [...tf.sum(x).dataSync(), ...tf.sum(x, 0).dataSync(), ...tf.sum(tf.transpose(x), 1).dataSync()];
    });
    const tenth = Math.fround(0.1);
    for (const [i, sum] of sums.entries()) {
      const wanted = (i === 0 ? 500_000 : 100_000) * tenth;
      expect(Math.abs(sum - wanted) / wanted).toBeLessThan(3e-6);
    }
  });

  it("frees numbers that several tensors share with the last of them", async () => {
    await tf.setBackend("wasm");
    const before = tf.memory().numDataBuffers;
    const x = tf.tensor2d([[1, 2, 3]]);
    const copy = tf.clone(x);
    const same = tf.transpose(copy);
    x.dispose();
    copy.dispose();
    expect(same.arraySync()).toEqual([[1], [2], [3]]);
    same.dispose();
    expect(tf.memory().numDataBuffers).toBe(before);
  });
});
