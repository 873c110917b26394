// Elementary functions on four lanes, after Moshier's Cephes (expf, logf); errors below 2 units in the last place.

/** e^x; 0 below -87.33 (no denormals), meaningless above 88.7. NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.33)), f32x4.splat(88.72));
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const shifted = f32x4.add(f32x4.mul(clamped, f32x4.splat(1.44269504088896341)), f32x4.splat(12582912.0));
  const n = f32x4.sub(shifted, f32x4.splat(12582912.0));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.add(f32x4.mul(r, f32x4.splat(1.9875691500e-4)), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const scaled = i32x4.add(p, i32x4.shl(shifted, 23));
  return v128.andnot(scaled, f32x4.lt(x, f32x4.splat(-87.33)));
}

/** log x for positive normal x; NaN for NaN and Infinity. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  let e = i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(126));
  let m = v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  e = i32x4.add(e, low);
  m = f32x4.sub(f32x4.add(m, v128.and(m, low)), f32x4.splat(1));
  const exponent = f32x4.convert_i32x4_s(e);
  const z = f32x4.mul(m, m);
  let p = f32x4.add(f32x4.mul(m, f32x4.splat(7.0376836292e-2)), f32x4.splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, m), z);
  p = f32x4.add(p, f32x4.mul(exponent, f32x4.splat(-2.12194440e-4)));
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)));
  p = f32x4.add(p, f32x4.sub(x, x));
  return f32x4.add(f32x4.add(m, p), f32x4.mul(exponent, f32x4.splat(0.693359375)));
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

/** Adds the first `count` lanes to `sum` in float64, in lane order. */
// @ts-ignore: decorator
@inline
export function addLanes(sum: f64, v: v128, count: i32): f64 {
  sum += <f64>f32x4.extract_lane(v, 0);
  if (count > 1) sum += <f64>f32x4.extract_lane(v, 1);
  if (count > 2) sum += <f64>f32x4.extract_lane(v, 2);
  if (count > 3) sum += <f64>f32x4.extract_lane(v, 3);
  return sum;
}

/** Largest of `n` numbers at `x`; NaN is passed over, -Infinity of nothing. */
export function topOf(x: usize, n: i32): f32 {
  let tops = f32x4.splat(-Infinity);
  let c = 0;
  for (const end = n & ~3; c < end; c += 4) tops = f32x4.pmax(tops, v128.load(x + (<usize>c << 2)));
  for (; c < n; c++) tops = f32x4.pmax(tops, v128.load32_splat(x + (<usize>c << 2)));
  tops = f32x4.pmax(tops, i32x4.shuffle(tops, tops, 2, 3, 0, 1));
  return max(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1));
}

/** Sum of e^(x - top): runs of 256 in float32 lanes, the runs in float64. */
export function sumExp(x: usize, n: i32, top: f32): f64 {
  const shift = f32x4.splat(top);
  let sum: f64 = 0;
  let c = 0;
  for (const stop = n & ~3; c < stop; ) {
    let part = f32x4.splat(0);
    for (const end = min(stop, c + 256); c < end; c += 4) {
      part = f32x4.add(part, exp4(f32x4.sub(v128.load(x + (<usize>c << 2)), shift)));
    }
    sum = addLanes(sum, part, 4);
  }
  for (; c < n; c++) sum += <f64>exp1(load<f32>(x + (<usize>c << 2)) - top);
  return sum;
}
