import { loadFirst, storeFirst } from "./lanes";
import { at, dot, idAt, rowAt, scaleTo } from "./simd";
import { addWide, exp4, firstLanes, log1p4, sumWide } from "./vector-math";

/** -y log s - (1 - y) log(1 - s) with s = sigmoid(x); `t` is e^-|x|. */
// @ts-ignore: decorator
@inline
function crossEntropy(x: v128, y: v128, t: v128): v128 {
  return f32x4.add(f32x4.sub(f32x4.pmax(x, f32x4.splat(0)), f32x4.mul(x, y)), log1p4(t));
}

/** sigmoid(x) - y */
// @ts-ignore: decorator
@inline
function slope(x: v128, y: v128, t: v128): v128 {
  const one = f32x4.splat(1);
  const numerator = v128.bitselect(one, t, f32x4.ge(x, f32x4.splat(0)));
  return f32x4.sub(f32x4.div(numerator, f32x4.add(one, t)), y);
}

/** `weights` may be 0 for ones; `dLogits` may be `logits`. */
export function binaryCrossEntropy(logits: usize, labels: usize, weights: usize, n: i32, weight: f32, dLogits: usize): f64 {
  let loss = f64x2.splat(0);
  for (let q = 0; q < n; q += 4) {
    const lanes = min(4, n - q);
    const whole = lanes == 4;
    const x = whole ? v128.load(at(logits, q)) : loadFirst(at(logits, q), lanes);
    const y = whole ? v128.load(at(labels, q)) : loadFirst(at(labels, q), lanes);
    let w = f32x4.splat(1);
    if (weights != 0) w = whole ? v128.load(at(weights, q)) : loadFirst(at(weights, q), lanes);
    const t = exp4(f32x4.neg(f32x4.abs(x)));
    loss = addWide(loss, firstLanes(f32x4.mul(w, crossEntropy(x, y, t)), lanes));
    const d = f32x4.mul(f32x4.mul(w, f32x4.splat(weight)), slope(x, y, t));
    if (whole) v128.store(at(dLogits, q), d);
    else storeFirst(at(dLogits, q), d, lanes);
  }
  return sumWide(loss);
}

/** Sum of (x - target)²; x = weight * 2 (x - target). */
export function squaredGaps(x: usize, target: usize, n: i32, weight: f32): f64 {
  let value = f64x2.splat(0);
  const factor = f32x4.splat(2 * weight);
  for (let q = 0; q < n; q += 4) {
    const lanes = min(4, n - q);
    const whole = lanes == 4;
    const d = whole
      ? f32x4.sub(v128.load(at(x, q)), v128.load(at(target, q)))
      : f32x4.sub(loadFirst(at(x, q), lanes), loadFirst(at(target, q), lanes));
    value = addWide(value, f32x4.mul(d, d));
    const slope = f32x4.mul(factor, d);
    if (whole) v128.store(at(x, q), slope);
    else storeFirst(at(x, q), slope, lanes);
  }
  return sumWide(value);
}

/** Adds s * (a - b) to `da` and takes it from `db`. */
// @ts-ignore: decorator
@inline
function addDifference(da: usize, db: usize, a: usize, b: usize, s: f32, cols: i32): void {
  for (let c = 0; c < cols; c++) {
    const x = s * (load<f32>(at(a, c)) - load<f32>(at(b, c)));
    store<f32>(at(da, c), load<f32>(at(da, c)) + x);
    store<f32>(at(db, c), load<f32>(at(db, c)) - x);
  }
}

// @ts-ignore: decorator
@inline
function squaredDistance(a: usize, b: usize, cols: i32): f32 {
  let sum = f32x4.splat(0);
  let c = 0;
  for (const end = cols & ~3; c < end; c += 4) {
    const d = f32x4.sub(v128.load(at(a, c)), v128.load(at(b, c)));
    sum = f32x4.add(sum, f32x4.mul(d, d));
  }
  for (; c < cols; c++) {
    const d = f32x4.sub(v128.load32_zero(at(a, c)), v128.load32_zero(at(b, c)));
    sum = f32x4.add(sum, f32x4.mul(d, d));
  }
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
}

/** Metric hinge: sum of max(0, margin + |u - i|^2 - |u - j|^2). */
export function metricHinge(
  user: usize, item: usize, cols: i32, u: usize, i: usize, j: usize, n: i32, margin: f32, weight: f32,
  dUser: usize, dItem: usize,
): f64 {
  const bytes = <usize>cols << 2;
  const s = <f32>2 * weight;
  let loss: f64 = 0;
  for (let t = 0; t < n; t++) {
    const a = idAt(u, t);
    const b = idAt(i, t);
    const d = idAt(j, t);
    const pu = rowAt(user, a, bytes);
    const pi = rowAt(item, b, bytes);
    const pj = rowAt(item, d, bytes);
    const x = margin + squaredDistance(pu, pi, cols) - squaredDistance(pu, pj, cols);
    // NaN must reach the sum.
    if (x <= 0) continue;
    loss += <f64>x;
    addDifference(rowAt(dUser, a, bytes), rowAt(dItem, b, bytes), pu, pi, s, cols);
    addDifference(rowAt(dUser, a, bytes), rowAt(dItem, d, bytes), pu, pj, -s, cols);
  }
  return loss;
}

/** Scales the listed rows down to norm `most` where they are longer. */
export function clipRows(table: usize, cols: i32, ids: usize, n: i32, most: f32): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < n; r++) {
    const row = rowAt(table, idAt(ids, r), bytes);
    const norm = sqrt(dot(row, row, bytes));
    if (norm > most) scaleTo(row, row, f32x4.splat(most / norm), bytes);
  }
}
