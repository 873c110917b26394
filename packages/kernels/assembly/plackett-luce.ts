import { at } from "./simd";
import { addWide, exp1, expTo, firstLanes, log1, log4, sumWide } from "./vector-math";

/** Spread of scores up to which a row is exponentiated at once: its smallest term stays far from float32's underflow. */
const NARROW: f32 = 60;

/**
 * A row whose scores lie within NARROW of each other; returns the sum of log C_t, with C_t the sum over j >= t of
 * e^(s_j - top). `d` receives the exponentials, 0 where the score is padding; `sums` receives C_t.
 */
// @ts-ignore: decorator
@inline
function narrowRow(s: usize, k: i32, size: i32, top: f32, d: usize, sums: usize): f64 {
  expTo(s, k, top, 1, d);
  let sum = expTo(at(s, k), size - k, top, 1, at(d, k));
  let j = k - 1;
  for (; j >= 0; j--) {
    const e = load<f32>(at(d, j));
    sum += <f64>e;
    // The logarithm of 1 leaves padding out.
    store<f32>(at(sums, j), e == 0 ? 1 : <f32>sum);
  }
  let loss = f64x2.splat(0);
  for (j = 0; j < k; j += 4) {
    const c = v128.load(at(sums, j));
    loss = addWide(loss, firstLanes(log4(c), k - j));
    v128.store(at(sums, j), f32x4.div(f32x4.splat(1), c));
  }
  return sumWide(loss);
}

/** d_j = e_j * (sum over t <= j, t < k of 1 / C_t) - [j < k], times `weight`; `d` holds e_j before, `inverses` 1 / C_t. */
// @ts-ignore: decorator
@inline
function narrowRowGrad(k: i32, size: i32, weight: f32, d: usize, inverses: usize): void {
  let inverse: f64 = 0;
  let j = 0;
  for (; j < k; j++) {
    const e = load<f32>(at(d, j));
    if (e == 0) continue;
    inverse += <f64>load<f32>(at(inverses, j));
    store<f32>(at(d, j), weight * (e * <f32>inverse - 1));
  }
  const rest = weight * <f32>inverse;
  for (const end = size - 3; j < end; j += 4) {
    v128.store(at(d, j), f32x4.mul(v128.load(at(d, j)), f32x4.splat(rest)));
  }
  for (; j < size; j++) store<f32>(at(d, j), load<f32>(at(d, j)) * rest);
}

/** A row of any spread: each sum is kept as a running maximum and a mass relative to it. `logs` receives log C_t. */
function wideRow(s: usize, k: i32, size: i32, weight: f32, d: usize, logs: usize): f64 {
  let loss: f64 = 0;
  let top: f64 = -Infinity;
  let mass: f64 = 0;
  for (let j = size - 1; j >= 0; j--) {
    const x = <f64>load<f32>(at(s, j));
    if (x == -Infinity) continue;
    if (x <= top) mass += <f64>exp1(<f32>(x - top));
    else {
      mass = mass * <f64>exp1(<f32>(top - x)) + 1;
      top = x;
    }
    if (j >= k) continue;
    const log = top + <f64>log1(<f32>mass);
    store<f64>(logs + (<usize>j << 3), log);
    loss += log - x;
  }
  // -log C_t grows with t: the newest term is always the largest.
  let bound: f64 = -Infinity;
  mass = 0;
  for (let j = 0; j < size; j++) {
    const x = <f64>load<f32>(at(s, j));
    let g: f64 = 0;
    if (x != -Infinity) {
      if (j < k) {
        const next = -load<f64>(logs + (<usize>j << 3));
        mass = mass * <f64>exp1(<f32>(bound - next)) + 1;
        bound = next;
      }
      if (mass > 0) g = mass * <f64>exp1(<f32>(x + bound));
      if (j < k) g -= 1;
    }
    store<f32>(at(d, j), weight * <f32>g);
  }
  return loss;
}

/** top - x, 0 for padding. */
// @ts-ignore: decorator
@inline
function below(top: v128, x: v128): v128 {
  return v128.and(f32x4.sub(top, x), f32x4.ne(x, f32x4.splat(-Infinity)));
}

/** `scratch` holds 8 * k + 16 bytes; `d` may be `scores` itself. */
export function plackettLuce(scores: usize, n: i32, k: i32, l: i32, weight: f32, d: usize, scratch: usize): f64 {
  const size = k + l;
  const infinite = f32x4.splat(Infinity);
  let loss: f64 = 0;
  for (let r = 0; r < n; r++) {
    const s = at(scores, r * size);
    const out = at(d, r * size);
    let highs = f32x4.neg(infinite);
    let lows = infinite;
    let j = 0;
    for (const end = size - 3; j < end; j += 4) {
      const v = v128.load(at(s, j));
      highs = f32x4.pmax(highs, v);
      lows = f32x4.pmin(lows, v128.bitselect(infinite, v, f32x4.eq(v, f32x4.neg(infinite))));
    }
    for (; j < size; j++) {
      const v = f32x4.splat(load<f32>(at(s, j)));
      highs = f32x4.pmax(highs, v);
      lows = f32x4.pmin(lows, v128.bitselect(infinite, v, f32x4.eq(v, f32x4.neg(infinite))));
    }
    highs = f32x4.pmax(highs, i32x4.shuffle(highs, highs, 2, 3, 0, 1));
    lows = f32x4.pmin(lows, i32x4.shuffle(lows, lows, 2, 3, 0, 1));
    const high = max(f32x4.extract_lane(highs, 0), f32x4.extract_lane(highs, 1));
    const low = min(f32x4.extract_lane(lows, 0), f32x4.extract_lane(lows, 1));
    if (high - low > NARROW) {
      loss += wideRow(s, k, size, weight, out, scratch);
      continue;
    }
    // Read before `d`, which may be the scores, is written. A row of nothing but padding adds nothing.
    const top = f32x4.splat(high);
    let ordered = f64x2.splat(0);
    for (j = 0; j + 4 <= k; j += 4) ordered = addWide(ordered, below(top, v128.load(at(s, j))));
    for (; j < k; j++) ordered = addWide(ordered, firstLanes(below(top, v128.load32_splat(at(s, j))), 1));
    loss += sumWide(ordered) + narrowRow(s, k, size, high == -Infinity ? 0 : high, out, scratch);
    narrowRowGrad(k, size, weight, out, scratch);
  }
  return loss;
}
