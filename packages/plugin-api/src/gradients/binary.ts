import type * as tfc from "@tensorflow/tfjs-core";
import type { Tf } from "../model.js";
import { type Rule, type Rules, saved, unbroadcast } from "./rule.js";

type Side = (tf: Tf, dy: tfc.Tensor, a: tfc.Tensor, b: tfc.Tensor) => tfc.Tensor;

/** A broadcasting function of `a` and `b`: the gradient of each side before broadcasting is undone. */
const binary = (da: Side, db: Side): Rule => ({
  inputs: ["a", "b"],
  back: (context) => {
    const { tf, dy } = context;
    const [a, b] = [saved(context, 0), saved(context, 1)];
    return {
      a: () => unbroadcast(tf, da(tf, dy, a, b), a.shape),
      b: () => unbroadcast(tf, db(tf, dy, a, b), b.shape),
    };
  },
});

const same: Side = (_, dy) => dy;
const none: Side = (tf, dy) => tf.zerosLike(tf.cast(dy, "float32"));
const negative: Side = (tf, dy) => tf.neg(dy);
const flat = binary(none, none);
const where = (tf: Tf, condition: tfc.Tensor, dy: tfc.Tensor) => tf.mul(dy, tf.cast(condition, "float32"));
/** b · ln a, 0 where a <= 0: the slope in the exponent is not defined there. */
const logOfBase = (tf: Tf, a: tfc.Tensor) => tf.where(tf.greater(a, 0), tf.log(tf.maximum(a, 1e-38)), tf.zerosLike(a));

/** Functions of two tensors with broadcasting. */
export const binaries: Rules = {
  Add: binary(same, same),
  Atan2: binary(
    (tf, dy, a, b) => tf.div(tf.mul(dy, b), tf.add(tf.square(a), tf.square(b))),
    (tf, dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.add(tf.square(a), tf.square(b)))),
  ),
  Equal: flat,
  FloorDiv: flat,
  Greater: flat,
  GreaterEqual: flat,
  Less: flat,
  LessEqual: flat,
  LogicalAnd: flat,
  LogicalOr: flat,
  // Ties send the whole gradient to `a`, so that max(x, x) has slope 1.
  Maximum: binary(
    (tf, dy, a, b) => where(tf, tf.greaterEqual(a, b), dy),
    (tf, dy, a, b) => where(tf, tf.less(a, b), dy),
  ),
  Minimum: binary(
    (tf, dy, a, b) => where(tf, tf.lessEqual(a, b), dy),
    (tf, dy, a, b) => where(tf, tf.greater(a, b), dy),
  ),
  Mod: binary(same, (tf, dy, a, b) => tf.neg(tf.mul(dy, tf.floor(tf.div(a, b))))),
  Multiply: binary(
    (tf, dy, _, b) => tf.mul(dy, tf.cast(b, "float32")),
    (tf, dy, a) => tf.mul(dy, tf.cast(a, "float32")),
  ),
  NotEqual: flat,
  Pow: binary(
    (tf, dy, a, b) => tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))),
    (tf, dy, a, b) => tf.mul(dy, tf.mul(tf.pow(a, b), logOfBase(tf, a))),
  ),
  RealDiv: binary(
    (tf, dy, _, b) => tf.div(dy, tf.cast(b, "float32")),
    (tf, dy, a, b) => tf.neg(tf.div(tf.mul(dy, tf.cast(a, "float32")), tf.square(tf.cast(b, "float32")))),
  ),
  SquaredDifference: binary(
    (tf, dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(a, b))),
    (tf, dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(b, a))),
  ),
  Sub: binary(same, negative),
  Prelu: {
    inputs: ["x", "alpha"],
    back: (context) => {
      const { tf, dy } = context;
      const [x, alpha] = [saved(context, 0), saved(context, 1)];
      const positive = tf.greater(x, 0);
      return {
        x: () => tf.where(positive, dy, tf.mul(dy, alpha)),
        alpha: () => unbroadcast(tf, tf.where(positive, tf.zerosLike(dy), tf.mul(dy, x)), alpha.shape),
      };
    },
  },
  Select: {
    inputs: ["condition"],
    back: (context) => {
      const { tf, dy } = context;
      const condition = tf.cast(saved(context, 0), "float32");
      return {
        condition: () => tf.zerosLike(condition),
        t: () => tf.mul(dy, condition),
        e: () => tf.mul(dy, tf.sub(1, condition)),
      };
    },
  },
};
