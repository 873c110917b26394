import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, it } from "vitest";
import { differentiableKernels, registerGradients } from "./index.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
  registerGradients(tf);
});

type Body = (...xs: tf.Tensor[]) => tf.Tensor;
interface Case {
  readonly f: Body;
  /** Inputs that are differentiated; away from kinks and ties. */
  readonly at: readonly tf.TensorLike[];
}

const m = [
  [0.31, -0.62, 0.94],
  [-0.43, 0.27, 0.58],
];
const n = [
  [0.73, 0.41, -0.36],
  [0.85, -0.52, 0.19],
];
const above1 = [
  [1.3, 2.1],
  [1.7, 3.4],
];
const on = (f: (x: tf.Tensor) => tf.Tensor, at: tf.TensorLike = m): Case => ({ f: (x) => f(x as tf.Tensor), at: [at] });
const both = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, a: tf.TensorLike = m, b: tf.TensorLike = n): Case => ({
  f: (x, y) => f(x as tf.Tensor, y as tf.Tensor),
  at: [a, b],
});
/** A kernel without slope: its output multiplies the input, so that the gradient is the output itself. */
const masked = (f: (x: tf.Tensor) => tf.Tensor): Case => on((x) => tf.mul(x, tf.cast(f(x), "float32")));

const cases: Record<string, Case | readonly Case[]> = {
  Abs: on(tf.abs),
  Acos: on(tf.acos),
  Acosh: on(tf.acosh, above1),
  Asin: on(tf.asin),
  Asinh: on(tf.asinh),
  Atan: on(tf.atan),
  Atanh: on(tf.atanh, n),
  Cast: on((x) => tf.cast(x, "float32")),
  Ceil: masked(tf.ceil),
  ClipByValue: on((x) => tf.clipByValue(x, -0.5, 0.5)),
  Cos: on(tf.cos),
  Cosh: on(tf.cosh),
  Elu: on(tf.elu),
  Erf: on(tf.erf),
  Exp: on(tf.exp),
  Expm1: on(tf.expm1),
  Floor: masked(tf.floor),
  Identity: on((x) => tf.clone(x)),
  IsFinite: masked(tf.isFinite),
  IsInf: masked(tf.isInf),
  IsNan: masked(tf.isNaN),
  LeakyRelu: on((x) => tf.leakyRelu(x, 0.3)),
  Log: on(tf.log, above1),
  Log1p: on(tf.log1p, above1),
  LogicalNot: masked((x) => tf.logicalNot(tf.greater(x, 0))),
  Neg: on(tf.neg),
  Reciprocal: on(tf.reciprocal, above1),
  Relu: on(tf.relu),
  Relu6: on((x) => tf.relu6(tf.mul(x, 9))),
  Round: masked(tf.round),
  Rsqrt: on(tf.rsqrt, above1),
  Selu: on(tf.selu),
  Sigmoid: on(tf.sigmoid),
  Sign: masked(tf.sign),
  Sin: on(tf.sin),
  Sinh: on(tf.sinh),
  Softplus: on(tf.softplus),
  Sqrt: on(tf.sqrt, above1),
  Square: on(tf.square),
  Step: masked((x) => tf.step(x)),
  Tan: on(tf.tan),
  Tanh: on(tf.tanh),
  Add: [both(tf.add), both(tf.add, m, [0.2, -0.4, 0.9])],
  Atan2: both(tf.atan2),
  Equal: masked((x) => tf.equal(x, 0)),
  FloorDiv: masked((x) => tf.floorDiv(x, 0.25)),
  Greater: masked((x) => tf.greater(x, 0)),
  GreaterEqual: masked((x) => tf.greaterEqual(x, 0)),
  Less: masked((x) => tf.less(x, 0)),
  LessEqual: masked((x) => tf.lessEqual(x, 0)),
  LogicalAnd: masked((x) => tf.logicalAnd(tf.greater(x, 0), tf.less(x, 0.5))),
  LogicalOr: masked((x) => tf.logicalOr(tf.greater(x, 0.5), tf.less(x, 0))),
  Maximum: [both(tf.maximum), both(tf.maximum, m, 0.1)],
  Minimum: both(tf.minimum),
  Mod: both(tf.mod, above1, [0.8, 0.9]),
  Multiply: [both(tf.mul), both(tf.mul, m, [[0.5], [-0.7]])],
  NotEqual: masked((x) => tf.notEqual(x, 0)),
  Pow: both(tf.pow, above1, [
    [0.5, 1.5],
    [-0.8, 2.2],
  ]),
  RealDiv: both(tf.div, m, above1.flat().slice(0, 3)),
  SquaredDifference: both(tf.squaredDifference),
  Sub: both(tf.sub, [0.3, 0.1, -0.6], n),
  Prelu: both((x, alpha) => tf.prelu(x, alpha), m, [0.2, 0.3, 0.4]),
  Select: both((a, b) =>
    tf.where(
      tf.tensor(
        [
          [1, 0, 1],
          [0, 1, 0],
        ],
        undefined,
        "bool",
      ),
      a,
      b,
    ),
  ),
  ArgMax: masked((x) => tf.expandDims(tf.argMax(x, 1), 1)),
  ArgMin: masked((x) => tf.expandDims(tf.argMin(x, 1), 1)),
  Cumsum: [on((x) => tf.cumsum(x, 1)), on((x) => tf.cumsum(x, 0, true, true))],
  Max: [on((x) => tf.max(x, 1)), on((x) => tf.max(x))],
  Mean: [on((x) => tf.mean(x, 0)), on((x) => tf.mean(x))],
  Min: on((x) => tf.min(x, 1, true)),
  Prod: on(
    (x) => tf.prod(x, 1),
    [
      [0.5, 0, -0.8],
      [1.2, 0.4, 2],
    ],
  ),
  Softmax: on((x) => tf.softmax(x, -1)),
  Sum: [on((x) => tf.sum(x, [0, 1])), on((x) => tf.sum(x, 1, true))],
  AddN: both((a, b) => tf.addN([a, b, a])),
  Concat: [both((a, b) => tf.concat([a, b, a], 1)), both((a, b) => tf.concat([a, b], 0))],
  ExpandDims: on((x) => tf.expandDims(x, 1)),
  GatherV2: [
    on((x) => tf.gather(x, tf.tensor1d([1, 0, 1, 1], "int32"))),
    on((x) => tf.gather(x, tf.tensor1d([2, 0, 2], "int32"), 1)),
    on((x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [1, 0],
            [1, 1],
          ],
          undefined,
          "int32",
        ),
      ),
    ),
  ],
  OneHot: masked(() => tf.oneHot(tf.tensor1d([2, 0], "int32"), 3)),
  OnesLike: on((x) => tf.mul(x, tf.onesLike(x))),
  Pack: both((a, b) => tf.stack([a, b], 1)),
  PadV2: on((x) =>
    tf.pad(x as tf.Tensor2D, [
      [1, 0],
      [2, 1],
    ]),
  ),
  Reshape: on((x) => tf.reshape(x, [3, 2])),
  Reverse: on((x) => tf.reverse(x, 1)),
  Slice: on((x) => tf.slice(x, [0, 1], [2, 1])),
  SplitV: on((x) => {
    const [left, right] = tf.split(x, [1, 2], 1);
    return tf.add(tf.mul(left as tf.Tensor, 3), right as tf.Tensor);
  }),
  Tile: on((x) => tf.tile(x, [2, 3])),
  Transpose: [
    on((x) => tf.transpose(x)),
    on(
      (x) => tf.transpose(x, [2, 0, 1]),
      [
        [
          [0.1, 0.2],
          [0.3, 0.4],
          [0.5, 0.6],
        ],
      ],
    ),
  ],
  Unpack: on((x) => {
    const [a, b] = tf.unstack(x, 0);
    return tf.mul(a as tf.Tensor, b as tf.Tensor);
  }),
  UnsortedSegmentSum: on((x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 1], "int32"), 3)),
  ZerosLike: on((x) => tf.mul(tf.zerosLike(x), x)),
  BatchMatMul: [
    both((a, b) => tf.matMul(a, b, false, true)),
    both((a, b) => tf.matMul(a, b, true, false)),
    both((a, b) => tf.matMul(a, b), m, [[0.3], [-0.2], [0.6]]),
    both((a, b) => tf.matMul(a, b, true, true), m, [
      [0.3, 0.5],
      [-0.2, 0.1],
      [0.6, -0.9],
    ]),
    both((a, b) => tf.matMul(a, b), [m, n], [[[0.3], [-0.2], [0.6]]]),
  ],
};

/** A scalar that weighs every output element differently, so that no error cancels. */
function scalarOf(y: tf.Tensor): tf.Scalar {
  const weights = Array.from({ length: y.size }, (_, i) => 0.5 + 0.3 * Math.sin(i + 1));
  return tf.sum(tf.mul(tf.reshape(tf.cast(y, "float32"), [y.size]), tf.tensor1d(weights)));
}

function numericGradient(f: Body, at: readonly tf.TensorLike[], which: number): number[] {
  const step = 2e-3;
  const base = at.map((value) => tf.tensor(value as number[]));
  const target = base[which] as tf.Tensor;
  const values = target.dataSync();
  return Array.from(values, (_, i) => {
    const value = (delta: number) =>
      tf.tidy(() => {
        const moved = Float32Array.from(values, (v, j) => (i === j ? v + delta : v));
        const inputs = base.map((t, j) => (j === which ? tf.tensor(moved, target.shape) : t));
        return scalarOf(f(...inputs)).dataSync()[0] as number;
      });
    return (value(step) - value(-step)) / (2 * step);
  });
}

describe("gradients of kernels", () => {
  it("has a case for each kernel it registers", () => {
    expect(Object.keys(cases).sort()).toEqual([...differentiableKernels].sort());
  });

  it.each(Object.entries(cases).flatMap(([name, c]) => ("f" in c ? [c] : c).map((one): [string, Case] => [name, one])))(
    "%s agrees with finite differences",
    async (name, { f, at }) => {
      const inputs = at.map((value) => tf.tensor(value as number[]));
      const profile = await tf.profile(() => f(...inputs));
      expect(profile.kernelNames).toContain(name);
      const analytic = tf.grads((...xs: tf.Tensor[]) => scalarOf(f(...xs)))(inputs);
      for (const [i, gradient] of analytic.entries()) {
        const numeric = numericGradient(f, at, i);
        expect(gradient.shape).toEqual(inputs[i]?.shape);
        for (const [j, value] of gradient.dataSync().entries()) {
          expect(Math.abs(value - (numeric[j] as number))).toBeLessThan(2e-3 * (1 + Math.abs(value)));
        }
      }
    },
  );

  it("leaves a gradient that is already there", () => {
    const before = tf.getGradient("Square");
    registerGradients(tf);
    expect(tf.getGradient("Square")).toBe(before);
  });

  it("leaks no tensor", () => {
    const x = tf.tensor2d(m);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      tf.grad((v) => tf.sum(tf.softmax(tf.matMul(v as tf.Tensor2D, x, false, true))))(x);
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
