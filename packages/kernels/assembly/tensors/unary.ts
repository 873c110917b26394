import { exp4, log1p4, log4, sigmoid4, softplus4, tanh4 } from "./functions";

// out[i] = f(x[i]). `out` may be `x`.

const EXP = 0;
const LOG = 1;
const LOG1P = 2;
const SOFTPLUS = 3;
const SIGMOID = 4;
const TANH = 5;
const SQRT = 6;
const RSQRT = 7;
const SQUARE = 8;
const RECIPROCAL = 9;
const NEG = 10;
const ABS = 11;
const RELU = 12;
const SIGN = 13;

/** With a literal function only one branch is left after inlining. */
// @ts-ignore: decorator
@inline
function apply(f: i32, x: v128): v128 {
  if (f == EXP) return exp4(x);
  if (f == LOG) return log4(x);
  if (f == LOG1P) return log1p4(x);
  if (f == SOFTPLUS) return softplus4(x);
  if (f == SIGMOID) return sigmoid4(x);
  if (f == TANH) return tanh4(x);
  if (f == SQRT) return f32x4.sqrt(x);
  if (f == RSQRT) return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
  if (f == SQUARE) return f32x4.mul(x, x);
  if (f == RECIPROCAL) return f32x4.div(f32x4.splat(1), x);
  if (f == NEG) return f32x4.neg(x);
  if (f == ABS) return f32x4.abs(x);
  if (f == RELU) return f32x4.pmax(x, f32x4.splat(0));
  // 0 of 0 and of NaN.
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  return f32x4.sub(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), one));
}

// @ts-ignore: decorator
@inline
function map(f: i32, x: usize, n: i32, out: usize): void {
  for (const whole = x + (<usize>(n & ~3) << 2); x < whole; x += 16) {
    v128.store(out, apply(f, v128.load(x)));
    out += 16;
  }
  for (n &= 3; n > 0; n--) {
    v128.store32_lane(out, apply(f, v128.load32_splat(x)), 0);
    x += 4;
    out += 4;
  }
}

export function exp(x: usize, n: i32, out: usize): void {
  map(EXP, x, n, out);
}
export function log(x: usize, n: i32, out: usize): void {
  map(LOG, x, n, out);
}
export function log1p(x: usize, n: i32, out: usize): void {
  map(LOG1P, x, n, out);
}
export function softplus(x: usize, n: i32, out: usize): void {
  map(SOFTPLUS, x, n, out);
}
export function sigmoid(x: usize, n: i32, out: usize): void {
  map(SIGMOID, x, n, out);
}
export function tanh(x: usize, n: i32, out: usize): void {
  map(TANH, x, n, out);
}
export function sqrt(x: usize, n: i32, out: usize): void {
  map(SQRT, x, n, out);
}
export function rsqrt(x: usize, n: i32, out: usize): void {
  map(RSQRT, x, n, out);
}
export function square(x: usize, n: i32, out: usize): void {
  map(SQUARE, x, n, out);
}
export function reciprocal(x: usize, n: i32, out: usize): void {
  map(RECIPROCAL, x, n, out);
}
export function neg(x: usize, n: i32, out: usize): void {
  map(NEG, x, n, out);
}
export function abs(x: usize, n: i32, out: usize): void {
  map(ABS, x, n, out);
}
export function sign(x: usize, n: i32, out: usize): void {
  map(SIGN, x, n, out);
}
export function relu(x: usize, n: i32, out: usize): void {
  map(RELU, x, n, out);
}

/** Booleans, one byte each, as float32. */
export function floatOfBool(x: usize, n: i32, out: usize): void {
  for (const whole = x + <usize>(n & ~3); x < whole; x += 4) {
    const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x)));
    v128.store(out, f32x4.convert_i32x4_s(wide));
    out += 16;
  }
  for (n &= 3; n > 0; n--) {
    store<f32>(out, <f32>load<u8>(x++));
    out += 4;
  }
}

/** out[i] = condition[i] ? a[i] : b[i], the condition in bytes of 0 and 1. */
export function select(condition: usize, a: usize, b: usize, n: i32, out: usize): void {
  for (const whole = condition + <usize>(n & ~3); condition < whole; condition += 4) {
    const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(condition)));
    v128.store(out, v128.bitselect(v128.load(a), v128.load(b), i32x4.ne(wide, i32x4.splat(0))));
    a += 16;
    b += 16;
    out += 16;
  }
  for (n &= 3; n > 0; n--) {
    store<u32>(out, load<u8>(condition++) ? load<u32>(a) : load<u32>(b));
    a += 4;
    b += 4;
    out += 4;
  }
}
