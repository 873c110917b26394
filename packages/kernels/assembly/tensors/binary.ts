// out[r, c] = f(a[r, c], b[r, c]) on `outer` rows of `inner` numbers. A side steps `aStep` bytes from row to row; along a
// row it runs (`aLane` 1) or stays (0): so rows, columns and single numbers are broadcast without being written out.

const ADD = 0;
const SUB = 1;
const MULTIPLY = 2;
const DIVIDE = 3;
const MAXIMUM = 4;
const MINIMUM = 5;
const SQUARED_DIFFERENCE = 6;
const EQUAL = 7;
const NOT_EQUAL = 8;
const GREATER = 9;
const GREATER_EQUAL = 10;
const LESS = 11;
const LESS_EQUAL = 12;

/** With a literal function only one branch is left after inlining. */
// @ts-ignore: decorator
@inline
function apply(f: i32, a: v128, b: v128): v128 {
  if (f == ADD) return f32x4.add(a, b);
  if (f == SUB) return f32x4.sub(a, b);
  if (f == MULTIPLY) return f32x4.mul(a, b);
  if (f == DIVIDE) return f32x4.div(a, b);
  if (f == MAXIMUM) return f32x4.max(a, b);
  if (f == MINIMUM) return f32x4.min(a, b);
  if (f == SQUARED_DIFFERENCE) {
    const gap = f32x4.sub(a, b);
    return f32x4.mul(gap, gap);
  }
  if (f == EQUAL) return f32x4.eq(a, b);
  if (f == NOT_EQUAL) return f32x4.ne(a, b);
  if (f == GREATER) return f32x4.gt(a, b);
  if (f == GREATER_EQUAL) return f32x4.ge(a, b);
  if (f == LESS) return f32x4.lt(a, b);
  return f32x4.le(a, b);
}

/** Comparisons write a byte, 0 or 1, everything else a float32. */
// @ts-ignore: decorator
@inline
function isComparison(f: i32): bool {
  return f >= EQUAL;
}

/** Four comparisons as bytes, in the first lane. */
// @ts-ignore: decorator
@inline
function bytesOf(mask: v128): v128 {
  const bits = v128.and(mask, i32x4.splat(1));
  const pairs = i16x8.narrow_i32x4_u(bits, bits);
  return i8x16.narrow_i16x8_u(pairs, pairs);
}

// @ts-ignore: decorator
@inline
function row(f: i32, a: usize, b: usize, inner: i32, aLane: i32, bLane: i32, out: usize): void {
  const width: usize = isComparison(f) ? 1 : 4;
  const aAll = v128.load32_splat(a);
  const bAll = v128.load32_splat(b);
  for (const whole = out + <usize>(inner & ~3) * width; out < whole; out += 4 * width) {
    const y = apply(f, aLane ? v128.load(a) : aAll, bLane ? v128.load(b) : bAll);
    if (isComparison(f)) v128.store32_lane(out, bytesOf(y), 0);
    else v128.store(out, y);
    a += 16;
    b += 16;
  }
  for (inner &= 3; inner > 0; inner--) {
    const y = apply(f, aLane ? v128.load32_splat(a) : aAll, bLane ? v128.load32_splat(b) : bAll);
    if (isComparison(f)) store<u8>(out, i32x4.extract_lane(y, 0) & 1);
    else v128.store32_lane(out, y, 0);
    a += 4;
    b += 4;
    out += width;
  }
}

// @ts-ignore: decorator
@inline
function each(
  f: i32, a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  const bytes = <usize>inner * (isComparison(f) ? 1 : 4);
  if (aLane && bLane) {
    for (; outer > 0; outer--, a += aStep, b += bStep, out += bytes) row(f, a, b, inner, 1, 1, out);
  } else if (aLane) {
    for (; outer > 0; outer--, a += aStep, b += bStep, out += bytes) row(f, a, b, inner, 1, 0, out);
  } else {
    for (; outer > 0; outer--, a += aStep, b += bStep, out += bytes) row(f, a, b, inner, 0, 1, out);
  }
}

export function add(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(ADD, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function sub(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(SUB, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function multiply(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(MULTIPLY, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function divide(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(DIVIDE, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function maximum(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(MAXIMUM, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function minimum(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(MINIMUM, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function squaredDifference(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(SQUARED_DIFFERENCE, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function equal(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(EQUAL, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function notEqual(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(NOT_EQUAL, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function greater(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(GREATER, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function greaterEqual(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(GREATER_EQUAL, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function less(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(LESS, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
export function lessEqual(
  a: usize, b: usize, outer: i32, inner: i32, aStep: usize, aLane: i32, bStep: usize, bLane: i32, out: usize,
): void {
  each(LESS_EQUAL, a, b, outer, inner, aStep, aLane, bStep, bLane, out);
}
