import { exp4 } from "./functions";

// Reductions of the middle axis of x [outer, count, inner]: out [outer, inner].

/** Numbers that are added in float32 before the sum goes on in float64. */
const RUN = 2048;
/** Rows that are added up in float32 before their sum joins the total in float64. */
const ROWS = 128;

// @ts-ignore: decorator
@inline
function wide(v: v128): f64 {
  const pairs = f64x2.add(low(v), high(v));
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

function sumRow(x: usize, n: i32): f32 {
  let total: f64 = 0;
  const whole = x + (<usize>(n & ~15) << 2);
  while (x < whole) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (const stop = min(whole, x + 4 * RUN); x < stop; x += 64) {
      s0 = f32x4.add(s0, v128.load(x));
      s1 = f32x4.add(s1, v128.load(x, 16));
      s2 = f32x4.add(s2, v128.load(x, 32));
      s3 = f32x4.add(s3, v128.load(x, 48));
    }
    total += wide(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  }
  for (n &= 15; n > 0; n--) {
    total += <f64>load<f32>(x);
    x += 4;
  }
  return <f32>total;
}

// @ts-ignore: decorator
@inline
function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

// @ts-ignore: decorator
@inline
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 0, 1));
}

/** Four numbers of two totals each. */
// @ts-ignore: decorator
@inline
function narrowed(l: v128, h: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(l), f32x4.demote_f64x2_zero(h), 0, 2);
}

/** Sums of `lanes` columns, 4 or 1 at a time. `step`: bytes between rows. */
// @ts-ignore: decorator
@inline
function sumColumn(x: usize, count: i32, step: usize, lanes: i32, out: usize): void {
  let l = f64x2.splat(0);
  let h = l;
  for (let r = 0; r < count; ) {
    let part = f32x4.splat(0);
    for (const stop = min(count, r + ROWS); r < stop; r++) {
      part = f32x4.add(part, lanes == 4 ? v128.load(x) : v128.load32_zero(x));
      x += step;
    }
    l = f64x2.add(l, low(part));
    h = f64x2.add(h, high(part));
  }
  if (lanes == 4) v128.store(out, narrowed(l, h));
  else v128.store32_lane(out, narrowed(l, h), 0);
}

/** Sums of 16 columns: a cache line of each row is read whole. */
function sumLine(x: usize, count: i32, step: usize, out: usize): void {
  let l0 = f64x2.splat(0);
  let l1 = l0;
  let l2 = l0;
  let l3 = l0;
  let h0 = l0;
  let h1 = l0;
  let h2 = l0;
  let h3 = l0;
  for (let r = 0; r < count; ) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (const stop = min(count, r + ROWS); r < stop; r++) {
      s0 = f32x4.add(s0, v128.load(x));
      s1 = f32x4.add(s1, v128.load(x, 16));
      s2 = f32x4.add(s2, v128.load(x, 32));
      s3 = f32x4.add(s3, v128.load(x, 48));
      x += step;
    }
    l0 = f64x2.add(l0, low(s0));
    h0 = f64x2.add(h0, high(s0));
    l1 = f64x2.add(l1, low(s1));
    h1 = f64x2.add(h1, high(s1));
    l2 = f64x2.add(l2, low(s2));
    h2 = f64x2.add(h2, high(s2));
    l3 = f64x2.add(l3, low(s3));
    h3 = f64x2.add(h3, high(s3));
  }
  v128.store(out, narrowed(l0, h0));
  v128.store(out, narrowed(l1, h1), 16);
  v128.store(out, narrowed(l2, h2), 32);
  v128.store(out, narrowed(l3, h3), 48);
}

function sumColumns(x: usize, count: i32, inner: i32, out: usize): void {
  const step = <usize>inner << 2;
  let c = 0;
  for (; c + 16 <= inner; c += 16, x += 64, out += 64) sumLine(x, count, step, out);
  for (; c + 4 <= inner; c += 4, x += 16, out += 16) sumColumn(x, count, step, 4, out);
  for (; c < inner; c++, x += 4, out += 4) sumColumn(x, count, step, 1, out);
}

export function sum(x: usize, outer: i32, count: i32, inner: i32, out: usize): void {
  const block = (<usize>count * <usize>inner) << 2;
  for (; outer > 0; outer--, x += block, out += <usize>inner << 2) {
    if (inner == 1) store<f32>(out, sumRow(x, count));
    else sumColumns(x, count, inner, out);
  }
}

// @ts-ignore: decorator
@inline
function better(largest: bool, a: v128, b: v128): v128 {
  return largest ? f32x4.max(a, b) : f32x4.min(a, b);
}

/** NaN of a row with NaN. */
// @ts-ignore: decorator
@inline
function extremeRow(largest: bool, x: usize, n: i32): f32 {
  let best = f32x4.splat(largest ? -Infinity : Infinity);
  let other = best;
  const end = x + (<usize>n << 2);
  for (const whole = x + (<usize>(n & ~7) << 2); x < whole; x += 32) {
    best = better(largest, best, v128.load(x));
    other = better(largest, other, v128.load(x, 16));
  }
  for (; x < end; x += 4) best = better(largest, best, v128.load32_splat(x));
  best = better(largest, best, other);
  best = better(largest, best, i32x4.shuffle(best, best, 2, 3, 0, 1));
  return f32x4.extract_lane(better(largest, best, i32x4.shuffle(best, best, 1, 0, 3, 2)), 0);
}

// @ts-ignore: decorator
@inline
function extreme(largest: bool, x: usize, outer: i32, count: i32, inner: i32, out: usize): void {
  const step = <usize>inner << 2;
  for (; outer > 0; outer--, x += <usize>count * step, out += step) {
    if (inner == 1) {
      store<f32>(out, extremeRow(largest, x, count));
      continue;
    }
    let c: usize = 0;
    for (; c + 16 <= step; c += 16) {
      let best = v128.load(x + c);
      for (let r = 1; r < count; r++) best = better(largest, best, v128.load(x + <usize>r * step + c));
      v128.store(out + c, best);
    }
    for (; c < step; c += 4) {
      let best = v128.load32_splat(x + c);
      for (let r = 1; r < count; r++) best = better(largest, best, v128.load32_splat(x + <usize>r * step + c));
      v128.store32_lane(out + c, best, 0);
    }
  }
}

export function max(x: usize, outer: i32, count: i32, inner: i32, out: usize): void {
  extreme(true, x, outer, count, inner, out);
}

export function min_(x: usize, outer: i32, count: i32, inner: i32, out: usize): void {
  extreme(false, x, outer, count, inner, out);
}

/** Softmax of each of `n` rows. */
export function softmax(x: usize, n: i32, cols: i32, out: usize): void {
  const bytes = <usize>cols << 2;
  for (; n > 0; n--, x += bytes, out += bytes) {
    const top = f32x4.splat(extremeRow(true, x, cols));
    let o: usize = 0;
    for (; o + 16 <= bytes; o += 16) v128.store(out + o, exp4(f32x4.sub(v128.load(x + o), top)));
    for (; o < bytes; o += 4) v128.store32_lane(out + o, exp4(f32x4.sub(v128.load32_splat(x + o), top)), 0);
    const factor = f32x4.splat(1 / sumRow(out, cols));
    for (o = 0; o + 16 <= bytes; o += 16) v128.store(out + o, f32x4.mul(v128.load(out + o), factor));
    for (; o < bytes; o += 4) v128.store32_lane(out + o, f32x4.mul(v128.load32_splat(out + o), factor), 0);
  }
}
