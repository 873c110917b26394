// Elementary functions on four lanes.

// Constants stand in memory: V8 builds a vector constant anew at every use, in more instructions than a load.
const EXP = memory.data<f32>([
  1.44269504088896341, 12582912.0, 1.53458120115e-4, 1.33999312192e-3, 9.61848895708e-3, 5.55032877697e-2,
  2.40226468906e-1, 6.93147205737e-1, 1, -87.33, -126,
]);
const LOG = memory.data<f32>([
  0.707106781186547524, 1, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
  -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1, -2.12194440e-4, 0.5, 0.693359375,
]);
const LOG_BITS = memory.data<u32>([126, 0x007fffff, 0x3f000000]);

/** The i-th number of a table of constants, in all lanes. */
// @ts-ignore: decorator
@inline
function constant(table: usize, i: usize): v128 {
  return v128.load32_splat(table + (i << 2));
}

/** {@link exp4} with its constants given, so that a loop can keep them in registers. */
// @ts-ignore: decorator
@inline
function exponential(
  x: v128, rate: v128, magic: v128, c6: v128, c5: v128, c4: v128, c3: v128, c2: v128, c1: v128, one: v128,
  cut: v128,
): v128 {
  return power(f32x4.mul(x, rate), x, magic, c6, c5, c4, c3, c2, c1, one, cut);
}

/** 2^t, or 0 where x is below `cut`. */
// @ts-ignore: decorator
@inline
function power(
  t: v128, x: v128, magic: v128, c6: v128, c5: v128, c4: v128, c3: v128, c2: v128, c1: v128, one: v128, cut: v128,
): v128 {
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const shifted = f32x4.add(t, magic);
  const f = f32x4.sub(t, f32x4.sub(shifted, magic));
  let p = f32x4.add(f32x4.mul(f, c6), c5);
  p = f32x4.add(f32x4.mul(p, f), c4);
  p = f32x4.add(f32x4.mul(p, f), c3);
  p = f32x4.add(f32x4.mul(p, f), c2);
  p = f32x4.add(f32x4.mul(p, f), c1);
  p = f32x4.add(f32x4.mul(p, f), one);
  return v128.andnot(i32x4.add(p, i32x4.shl(shifted, 23)), f32x4.lt(x, cut));
}

/**
 * e^x for x <= 88, as 2^n 2^f with n an integer and |f| <= 1/2 (minimax polynomial of degree 6, error 2e-9, before rounding
 * to float32); 0 below -87.33, so that no denormal arises. NaN stays NaN. The result is off by about |x| / 2 units in the
 * last place, which is what rounding x alone does to it.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  return exponential(
    x, constant(EXP, 0), constant(EXP, 1), constant(EXP, 2), constant(EXP, 3), constant(EXP, 4), constant(EXP, 5),
    constant(EXP, 6), constant(EXP, 7), constant(EXP, 8), constant(EXP, 9),
  );
}

/** log x for positive normal x, after Moshier's Cephes (logf); NaN for NaN and Infinity. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  let e = i32x4.sub(i32x4.shr_u(x, 23), constant(LOG_BITS, 0));
  let m = v128.or(v128.and(x, constant(LOG_BITS, 1)), constant(LOG_BITS, 2));
  const low = f32x4.lt(m, constant(LOG, 0));
  e = i32x4.add(e, low);
  m = f32x4.sub(f32x4.add(m, v128.and(m, low)), constant(LOG, 1));
  const exponent = f32x4.convert_i32x4_s(e);
  const z = f32x4.mul(m, m);
  let p = f32x4.add(f32x4.mul(m, constant(LOG, 2)), constant(LOG, 3));
  p = f32x4.add(f32x4.mul(p, m), constant(LOG, 4));
  p = f32x4.add(f32x4.mul(p, m), constant(LOG, 5));
  p = f32x4.add(f32x4.mul(p, m), constant(LOG, 6));
  p = f32x4.add(f32x4.mul(p, m), constant(LOG, 7));
  p = f32x4.add(f32x4.mul(p, m), constant(LOG, 8));
  p = f32x4.add(f32x4.mul(p, m), constant(LOG, 9));
  p = f32x4.add(f32x4.mul(p, m), constant(LOG, 10));
  p = f32x4.mul(f32x4.mul(p, m), z);
  p = f32x4.add(p, f32x4.mul(exponent, constant(LOG, 11)));
  p = f32x4.sub(p, f32x4.mul(z, constant(LOG, 12)));
  p = f32x4.add(p, f32x4.sub(x, x));
  return f32x4.add(f32x4.add(m, p), f32x4.mul(exponent, constant(LOG, 13)));
}

// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function log1(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}

/** log(1 + t) for 0 <= t <= 1, also where 1 + t rounds to 1. */
// @ts-ignore: decorator
@inline
export function log1p4(t: v128): v128 {
  const u = f32x4.add(t, f32x4.splat(1));
  const lost = f32x4.sub(t, f32x4.sub(u, f32x4.splat(1)));
  return f32x4.add(log4(u), f32x4.div(lost, u));
}

/** softplus(-x) = -log sigmoid(x), without underflow or overflow; `t` is e^-|x|. */
// @ts-ignore: decorator
@inline
export function softplusNegated(x: v128, t: v128): v128 {
  return f32x4.add(log1p4(t), f32x4.pmax(f32x4.splat(0), f32x4.neg(x)));
}

/** sigmoid(-x), where `t` is e^-|x|. */
// @ts-ignore: decorator
@inline
export function sigmoidNegated(x: v128, t: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(v128.bitselect(t, one, f32x4.gt(x, f32x4.splat(0))), f32x4.add(one, t));
}

/** Adds four float32 lanes to two float64 lanes. */
// @ts-ignore: decorator
@inline
export function addWide(sum: v128, v: v128): v128 {
  const low = f64x2.promote_low_f32x4(v);
  return f64x2.add(sum, f64x2.add(low, f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 0, 1))));
}

// @ts-ignore: decorator
@inline
export function sumWide(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** The first `count` lanes, zeros behind. */
// @ts-ignore: decorator
@inline
export function firstLanes(v: v128, count: i32): v128 {
  return v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count)));
}

/** Largest of `n` numbers at `x`; NaN is passed over, -Infinity of nothing. */
export function topOf(x: usize, n: i32): f32 {
  let tops = f32x4.splat(-Infinity);
  let others = tops;
  const end = x + (<usize>n << 2);
  for (const whole = x + (<usize>(n & ~7) << 2); x < whole; x += 32) {
    tops = f32x4.pmax(tops, v128.load(x));
    others = f32x4.pmax(others, v128.load(x, 16));
  }
  for (; x < end; x += 4) tops = f32x4.pmax(tops, v128.load32_splat(x));
  tops = f32x4.pmax(tops, others);
  tops = f32x4.pmax(tops, i32x4.shuffle(tops, tops, 2, 3, 0, 1));
  return max(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1));
}

/** Sum of e^(x - shift): runs of 512 in float32 lanes, the runs in float64. */
export function sumExp(x: usize, n: i32, shift: f32): f64 {
  return expRun(x, n, shift, 0, 0, false);
}

/** Writes scale * e^(x - shift) and returns the sum of the exponentials, without the scale; `out` may be `x`. */
export function expTo(x: usize, n: i32, shift: f32, scale: f32, out: usize): f64 {
  return expRun(x, n, shift, scale, out, true);
}

// @ts-ignore: decorator
@inline
function expRun(x: usize, n: i32, shift: f32, scale: f32, out: usize, stored: bool): f64 {
  const s = f32x4.splat(shift);
  const factor = f32x4.splat(scale);
  const rate = constant(EXP, 0);
  const magic = constant(EXP, 1);
  const c6 = constant(EXP, 2);
  const c5 = constant(EXP, 3);
  const c4 = constant(EXP, 4);
  const c3 = constant(EXP, 5);
  const c2 = constant(EXP, 6);
  const c1 = constant(EXP, 7);
  const one = constant(EXP, 8);
  const cut = constant(EXP, 9);
  const whole = x + (<usize>(n & ~3) << 2);
  let wide = f64x2.splat(0);
  while (x < whole) {
    let part = f32x4.splat(0);
    for (const stop = min(whole, x + 2048); x < stop; x += 16) {
      const e = exponential(f32x4.sub(v128.load(x), s), rate, magic, c6, c5, c4, c3, c2, c1, one, cut);
      part = f32x4.add(part, e);
      if (stored) {
        v128.store(out, f32x4.mul(e, factor));
        out += 16;
      }
    }
    wide = addWide(wide, part);
  }
  let sum = sumWide(wide);
  for (n &= 3; n > 0; n--) {
    const e = exp1(load<f32>(x) - shift);
    sum += <f64>e;
    x += 4;
    if (stored) {
      store<f32>(out, e * scale);
      out += 4;
    }
  }
  return sum;
}

/**
 * Raises two vectors every `stride` bytes from `x` to `end` to 2^(t - shift) in place, 0 where that would be denormal;
 * returns their sum, in float32 lanes. As exact as {@link exp4}.
 */
// @ts-ignore: decorator
@inline
export function raisePairs(x: usize, end: usize, stride: usize, shift: f32): f64 {
  const s = f32x4.splat(shift);
  const magic = constant(EXP, 1);
  const c6 = constant(EXP, 2);
  const c5 = constant(EXP, 3);
  const c4 = constant(EXP, 4);
  const c3 = constant(EXP, 5);
  const c2 = constant(EXP, 6);
  const c1 = constant(EXP, 7);
  const one = constant(EXP, 8);
  const cut = constant(EXP, 10);
  let sum = f32x4.splat(0);
  for (; x < end; x += stride) {
    const t0 = f32x4.sub(v128.load(x), s);
    const e0 = power(t0, t0, magic, c6, c5, c4, c3, c2, c1, one, cut);
    v128.store(x, e0);
    const t1 = f32x4.sub(v128.load(x, 16), s);
    const e1 = power(t1, t1, magic, c6, c5, c4, c3, c2, c1, one, cut);
    v128.store(x, e1, 16);
    sum = f32x4.add(sum, f32x4.add(e0, e1));
  }
  return sumWide(addWide(f64x2.splat(0), sum));
}
