import { at } from "./simd";
import { exp4 } from "./vector-math";

// Activations of dense layers: 0 none, 1 ReLU, 2 tanh, 3 sigmoid. The host's `ACTIVATIONS` mirrors the numbers.
const RELU = 1;
const TANH = 2;
const SIGMOID = 3;

// @ts-ignore: decorator
@inline
function activate4(x: v128, kind: i32): v128 {
  const one = f32x4.splat(1);
  if (kind == RELU) return f32x4.pmax(x, f32x4.splat(0));
  if (kind == TANH) {
    const t = exp4(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)));
    const size = f32x4.div(f32x4.sub(one, t), f32x4.add(one, t));
    return v128.or(size, v128.and(x, f32x4.splat(-0.0)));
  }
  if (kind == SIGMOID) {
    const t = exp4(f32x4.neg(f32x4.abs(x)));
    return f32x4.div(v128.bitselect(one, t, f32x4.ge(x, f32x4.splat(0))), f32x4.add(one, t));
  }
  return x;
}

/** Slope of the activation, from its output. */
// @ts-ignore: decorator
@inline
function slope4(y: v128, kind: i32): v128 {
  const one = f32x4.splat(1);
  if (kind == RELU) return v128.and(one, f32x4.gt(y, f32x4.splat(0)));
  if (kind == TANH) return f32x4.sub(one, f32x4.mul(y, y));
  if (kind == SIGMOID) return f32x4.mul(y, f32x4.sub(one, y));
  return one;
}

// @ts-ignore: decorator
@inline
function biasRows(x: usize, bias: usize, n: i32, cols: i32, kind: i32): void {
  for (let r = 0; r < n; r++) {
    const row = at(x, r * cols);
    let c = 0;
    for (const end = cols & ~3; c < end; c += 4) {
      v128.store(at(row, c), activate4(f32x4.add(v128.load(at(row, c)), v128.load(at(bias, c))), kind));
    }
    for (; c < cols; c++) {
      const v = activate4(f32x4.add(v128.load32_zero(at(row, c)), v128.load32_zero(at(bias, c))), kind);
      store<f32>(at(row, c), f32x4.extract_lane(v, 0));
    }
  }
}

/** x = activation(x + bias), row by row. */
export function addBias(x: usize, bias: usize, n: i32, cols: i32, kind: i32): void {
  if (kind == RELU) biasRows(x, bias, n, cols, RELU);
  else if (kind == TANH) biasRows(x, bias, n, cols, TANH);
  else if (kind == SIGMOID) biasRows(x, bias, n, cols, SIGMOID);
  else biasRows(x, bias, n, cols, 0);
}

// @ts-ignore: decorator
@inline
function gradRows(y: usize, dy: usize, n: i32, cols: i32, kind: i32, dBias: usize): void {
  for (let r = 0; r < n; r++) {
    const row = at(y, r * cols);
    const d = at(dy, r * cols);
    let c = 0;
    for (const end = cols & ~3; c < end; c += 4) {
      const g = f32x4.mul(v128.load(at(d, c)), slope4(v128.load(at(row, c)), kind));
      v128.store(at(d, c), g);
      v128.store(at(dBias, c), f32x4.add(v128.load(at(dBias, c)), g));
    }
    for (; c < cols; c++) {
      const g = f32x4.mul(v128.load32_zero(at(d, c)), slope4(v128.load32_zero(at(row, c)), kind));
      store<f32>(at(d, c), f32x4.extract_lane(g, 0));
      store<f32>(at(dBias, c), load<f32>(at(dBias, c)) + f32x4.extract_lane(g, 0));
    }
  }
}

/** dy = dy * slope at the output y; dBias += column sums of it. */
export function addBiasGrad(y: usize, dy: usize, n: i32, cols: i32, kind: i32, dBias: usize): void {
  if (kind == RELU) gradRows(y, dy, n, cols, RELU, dBias);
  else if (kind == TANH) gradRows(y, dy, n, cols, TANH, dBias);
  else if (kind == SIGMOID) gradRows(y, dy, n, cols, SIGMOID, dBias);
  else gradRows(y, dy, n, cols, 0, dBias);
}
