import { at } from "./simd";

// Packing: a block of a matrix is copied into panels of WIDTH rows (of A) or columns (of B), interleaved along the inner
// dimension, so that the inner loop of the product reads both operands as streams. Short panels are filled with zeros.

/** Panel from a matrix whose inner dimension runs along rows: source(w, k) = x[k * ld + w]. */
// @ts-ignore: decorator
@inline
function packAlong(x: usize, ld: usize, width: i32, full: i32, depth: i32, out: usize): void {
  const step = <usize>full << 2;
  if (width == full) {
    for (let k = 0; k < depth; k++) {
      v128.store(out, v128.load(x));
      if (full == 8) v128.store(out, v128.load(x, 16), 16);
      x += ld;
      out += step;
    }
    return;
  }
  for (let k = 0; k < depth; k++) {
    for (let w = 0; w < full; w++) store<f32>(at(out, w), w < width ? load<f32>(at(x, w)) : 0);
    x += ld;
    out += step;
  }
}

/** Four rows of four numbers, transposed to rows `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transpose4(r0: usize, r1: usize, r2: usize, r3: usize, out: usize, step: usize): void {
  const a = v128.load(r0);
  const b = v128.load(r1);
  const c = v128.load(r2);
  const d = v128.load(r3);
  const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(out, i64x2.shuffle(ab0, cd0, 0, 2));
  v128.store(out + step, i64x2.shuffle(ab0, cd0, 1, 3));
  v128.store(out + 2 * step, i64x2.shuffle(ab1, cd1, 0, 2));
  v128.store(out + 3 * step, i64x2.shuffle(ab1, cd1, 1, 3));
}

/** Panel from a matrix whose inner dimension runs along columns: source(w, k) = x[w * ld + k]. */
// @ts-ignore: decorator
@inline
function packAcross(x: usize, ld: usize, width: i32, full: i32, depth: i32, out: usize): void {
  const step = <usize>full << 2;
  let k = 0;
  if (width == full) {
    for (const end = depth & ~3; k < end; k += 4) {
      const p = at(x, k);
      const o = out + <usize>k * step;
      transpose4(p, p + ld, p + 2 * ld, p + 3 * ld, o, step);
      if (full == 8) transpose4(p + 4 * ld, p + 5 * ld, p + 6 * ld, p + 7 * ld, o + 16, step);
    }
  }
  for (; k < depth; k++) {
    const o = out + <usize>k * step;
    for (let w = 0; w < full; w++) store<f32>(at(o, w), w < width ? load<f32>(at(x, k) + <usize>w * ld) : 0);
  }
}

/** Packs `count` rows or columns of `depth` numbers into panels of 4. `ld` is in bytes. */
export function pack4(x: usize, ld: usize, across: bool, count: i32, depth: i32, out: usize): void {
  for (let w = 0; w < count; w += 4) {
    if (across) packAcross(x + <usize>w * ld, ld, min(4, count - w), 4, depth, out);
    else packAlong(at(x, w), ld, min(4, count - w), 4, depth, out);
    out += <usize>depth << 4;
  }
}

/** The same in panels of 8. */
export function pack8(x: usize, ld: usize, across: bool, count: i32, depth: i32, out: usize): void {
  for (let w = 0; w < count; w += 8) {
    if (across) packAcross(x + <usize>w * ld, ld, min(8, count - w), 8, depth, out);
    else packAlong(at(x, w), ld, min(8, count - w), 8, depth, out);
    out += <usize>depth << 5;
  }
}
