// Elementary functions on four lanes, to two units in the last place, right at every float32: what TensorFlow.js promises of
// its own. No constants in memory: this module lives in a heap that belongs to someone else.

/** e^x, after Moshier's Cephes (expf): 2^n e^r with |r| <= ln 2 / 2. Infinity above 88.72, denormals and 0 below -87.34. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  // Kept in this order, pmin and pmax let NaN pass.
  const within = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-104));
  const n = f32x4.nearest(f32x4.mul(within, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(within, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.add(f32x4.mul(r, f32x4.splat(1.9875691500e-4)), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  // 2^n in two factors, since n may be 128 or below -126.
  const exponent = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(exponent, 1);
  const bias = i32x4.splat(127);
  p = f32x4.mul(p, i32x4.shl(i32x4.add(half, bias), 23));
  return f32x4.mul(p, i32x4.shl(i32x4.add(i32x4.sub(exponent, half), bias), 23));
}

/** What is left of log(1 + f) = f - f^2 / 2 + f^3 tail(f) for f in [sqrt(1/2) - 1, sqrt(2) - 1]. */
// @ts-ignore: decorator
@inline
function logTail(f: v128): v128 {
  let p = f32x4.add(f32x4.mul(f, f32x4.splat(7.0376836292e-2)), f32x4.splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-2.4999993993e-1));
  return f32x4.add(f32x4.mul(p, f), f32x4.splat(3.3333331174e-1));
}

/** log x, after Moshier's Cephes (logf). -Infinity of 0, NaN of what is negative. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const zero = f32x4.splat(0);
  const small = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  // Denormals are scaled by 2^23.
  const y = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, small);
  let e = i32x4.sub(i32x4.shr_u(y, 23), i32x4.splat(126));
  e = i32x4.sub(e, v128.and(small, i32x4.splat(23)));
  let m = v128.or(v128.and(y, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  e = i32x4.add(e, low);
  m = f32x4.sub(f32x4.add(m, v128.and(m, low)), f32x4.splat(1));
  const exponent = f32x4.convert_i32x4_s(e);
  const z = f32x4.mul(m, m);
  let p = logTail(m);
  p = f32x4.mul(f32x4.mul(p, m), z);
  p = f32x4.add(p, f32x4.mul(exponent, f32x4.splat(-2.12194440e-4)));
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)));
  p = f32x4.add(f32x4.add(m, p), f32x4.mul(exponent, f32x4.splat(0.693359375)));
  // NaN and Infinity are their own logarithms; x - x is NaN for both, which tells them from finite numbers.
  p = v128.bitselect(p, x, f32x4.lt(x, f32x4.splat(Infinity)));
  p = v128.bitselect(f32x4.splat(-Infinity), p, f32x4.eq(x, zero));
  return v128.bitselect(f32x4.splat(NaN), p, f32x4.lt(x, zero));
}

/** log(1 + t) for t > -1, also where 1 + t rounds to 1. */
// @ts-ignore: decorator
@inline
export function log1p4(t: v128): v128 {
  const one = f32x4.splat(1);
  const u = f32x4.add(t, one);
  const lost = f32x4.div(f32x4.sub(t, f32x4.sub(u, one)), u);
  // At -1 and Infinity nothing was lost, and the quotient is not a number.
  return f32x4.add(log4(u), v128.and(lost, f32x4.lt(f32x4.abs(lost), one)));
}

/**
 * log(1 + e^x), without overflow, right at both ends: max(x, 0) + log(1 + t) with t = e^-|x| in [0, 1]. The logarithm is
 * that of 1 + f, f = t, or of 2 (1 + f), f = (t - 1) / 2; 1 + t is never rounded.
 */
// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
  const t = exp4(f32x4.neg(f32x4.abs(x)));
  const far = f32x4.gt(t, f32x4.splat(0.41421356237));
  const halved = f32x4.mul(f32x4.sub(t, f32x4.splat(1)), f32x4.splat(0.5));
  const f = v128.bitselect(halved, t, far);
  const doubled = v128.and(far, f32x4.splat(1));
  const z = f32x4.mul(f, f);
  let p = f32x4.mul(f32x4.mul(logTail(f), f), z);
  p = f32x4.add(p, f32x4.mul(doubled, f32x4.splat(-2.12194440e-4)));
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)));
  p = f32x4.add(f32x4.add(f, p), f32x4.mul(doubled, f32x4.splat(0.693359375)));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), p);
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** tanh x, after Moshier's Cephes (tanhf): a polynomial below 0.625, where the quotient would cancel. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const z = f32x4.mul(x, x);
  let p = f32x4.add(f32x4.mul(z, f32x4.splat(-5.70498872745e-3)), f32x4.splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-3.33332819422e-1));
  p = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const size = f32x4.abs(x);
  const one = f32x4.splat(1);
  const e = exp4(f32x4.add(size, size));
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(e, one)));
  const signed = v128.or(far, v128.and(x, f32x4.splat(-0.0)));
  return v128.bitselect(p, signed, f32x4.lt(size, f32x4.splat(0.625)));
}
