import type * as tfc from "@tensorflow/tfjs-core";
import type { Tf } from "../model.js";
import { type Backward, type Rule, type Rules, saved } from "./rule.js";

type Slope = (tf: Tf, x: tfc.Tensor, b: Backward) => tfc.Tensor;

/** `dx = dy · slope(x)` */
const ofInput = (slope: Slope): Rule => ({
  inputs: ["x"],
  back: (b) => ({ x: () => b.tf.mul(b.dy, slope(b.tf, saved(b, 0), b)) }),
});

/** `dx = dy · slope(y)`, for functions whose slope is cheaper in the output. */
const ofOutput = (slope: Slope): Rule => ({
  output: true,
  back: (b) => ({ x: () => b.tf.mul(b.dy, slope(b.tf, saved(b, 0), b)) }),
});

const flat: Rule = { back: ({ tf, dy }) => ({ x: () => tf.zerosLike(dy) }) };
const passed: Rule = { back: ({ dy }) => ({ x: () => dy.clone() }) };

const positive = (tf: Tf, x: tfc.Tensor) => tf.cast(tf.greater(x, 0), "float32");
const inside = (tf: Tf, x: tfc.Tensor, low: number, high: number) =>
  tf.cast(tf.logicalAnd(tf.greaterEqual(x, low), tf.lessEqual(x, high)), "float32");
/** (1 - x²)^(-1/2) */
const arc = (tf: Tf, x: tfc.Tensor) => tf.rsqrt(tf.sub(1, tf.square(x)));

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** Functions of one tensor, element by element. */
export const elementwise: Rules = {
  Abs: ofInput((tf, x) => tf.sign(x)),
  Acos: ofInput((tf, x) => tf.neg(arc(tf, x))),
  Acosh: ofInput((tf, x) => tf.rsqrt(tf.sub(tf.square(x), 1))),
  Asin: ofInput((tf, x) => arc(tf, x)),
  Asinh: ofInput((tf, x) => tf.rsqrt(tf.add(1, tf.square(x)))),
  Atan: ofInput((tf, x) => tf.reciprocal(tf.add(1, tf.square(x)))),
  Atanh: ofInput((tf, x) => tf.reciprocal(tf.sub(1, tf.square(x)))),
  Cast: passed,
  Ceil: flat,
  ClipByValue: ofInput((tf, x, { attrs }) => inside(tf, x, attrs.clipValueMin as number, attrs.clipValueMax as number)),
  Cos: ofInput((tf, x) => tf.neg(tf.sin(x))),
  Cosh: ofInput((tf, x) => tf.sinh(x)),
  // y + 1 = e^x on the negative side.
  Elu: ofOutput((tf, y) => tf.where(tf.greater(y, 0), tf.onesLike(y), tf.add(y, 1))),
  Erf: ofInput((tf, x) => tf.mul(2 / Math.sqrt(Math.PI), tf.exp(tf.neg(tf.square(x))))),
  Exp: ofOutput((_, y) => y),
  Expm1: ofOutput((tf, y) => tf.add(y, 1)),
  Floor: flat,
  Identity: passed,
  IsFinite: flat,
  IsInf: flat,
  IsNan: flat,
  LeakyRelu: ofInput((tf, x, { attrs }) =>
    tf.where(tf.greater(x, 0), tf.onesLike(x), tf.fill(x.shape, attrs.alpha as number)),
  ),
  Log: ofInput((tf, x) => tf.reciprocal(x)),
  Log1p: ofInput((tf, x) => tf.reciprocal(tf.add(x, 1))),
  LogicalNot: flat,
  Neg: { back: ({ tf, dy }) => ({ x: () => tf.neg(dy) }) },
  Reciprocal: ofOutput((tf, y) => tf.neg(tf.square(y))),
  Relu: ofInput(positive),
  Relu6: ofInput((tf, x) => tf.mul(positive(tf, x), tf.cast(tf.less(x, 6), "float32"))),
  Round: flat,
  Rsqrt: ofOutput((tf, y) => tf.mul(-0.5, tf.mul(y, tf.square(y)))),
  Selu: ofInput((tf, x) =>
    tf.where(tf.greater(x, 0), tf.fill(x.shape, SELU_SCALE), tf.mul(SELU_SCALE * SELU_ALPHA, tf.exp(tf.minimum(x, 0)))),
  ),
  Sigmoid: ofOutput((tf, y) => tf.mul(y, tf.sub(1, y))),
  Sign: flat,
  Sin: ofInput((tf, x) => tf.cos(x)),
  Sinh: ofInput((tf, x) => tf.cosh(x)),
  Softplus: ofInput((tf, x) => tf.sigmoid(x)),
  Sqrt: ofOutput((tf, y) => tf.div(0.5, y)),
  Square: ofInput((tf, x) => tf.mul(2, x)),
  Step: flat,
  Tan: ofOutput((tf, y) => tf.add(1, tf.square(y))),
  Tanh: ofOutput((tf, y) => tf.sub(1, tf.square(y))),
};
