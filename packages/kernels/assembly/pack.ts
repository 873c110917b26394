import { at } from "./simd";

// Packing: a block of a matrix is copied into panels of WIDTH rows (of A) or columns (of B), interleaved along the inner
// dimension, so that the inner loop of the product reads both operands as streams. Short panels are filled with zeros.

/** Zero-filled panel of fewer than `full` rows or columns; numbers of one step are `across` bytes apart. */
function packBorder(x: usize, ld: usize, across: usize, width: i32, full: i32, depth: i32, out: usize): void {
  for (let k = 0; k < depth; k++) {
    for (let w = 0; w < full; w++) store<f32>(at(out, w), w < width ? load<f32>(x + <usize>w * across) : 0);
    x += ld;
    out += <usize>full << 2;
  }
}

/**
 * Panels from a matrix whose inner dimension runs along rows: source(w, k) = x[k * ld + w]. Four rows are read side by
 * side, so that both sides are touched a cache line at a time however far apart rows and panels are.
 */
// @ts-ignore: decorator
@inline
function packAlong(x: usize, ld: usize, count: i32, full: i32, depth: i32, out: usize): void {
  const step = <usize>full << 2;
  const panel = <usize>depth * step;
  const whole = count - (count & (full - 1));
  let k = 0;
  for (const end = depth & ~3; k < end; k += 4) {
    const r0 = x + <usize>k * ld;
    const r1 = r0 + ld;
    const r2 = r1 + ld;
    const r3 = r2 + ld;
    let o = out + <usize>k * step;
    for (let w: usize = 0, stop = <usize>whole << 2; w < stop; w += step) {
      v128.store(o, v128.load(r0 + w));
      if (full == 8) v128.store(o, v128.load(r0 + w, 16), 16);
      v128.store(o + step, v128.load(r1 + w));
      if (full == 8) v128.store(o + step, v128.load(r1 + w, 16), 16);
      v128.store(o + 2 * step, v128.load(r2 + w));
      if (full == 8) v128.store(o + 2 * step, v128.load(r2 + w, 16), 16);
      v128.store(o + 3 * step, v128.load(r3 + w));
      if (full == 8) v128.store(o + 3 * step, v128.load(r3 + w, 16), 16);
      o += panel;
    }
  }
  for (; k < depth; k++) {
    const r = x + <usize>k * ld;
    let o = out + <usize>k * step;
    for (let w: usize = 0, stop = <usize>whole << 2; w < stop; w += step) {
      v128.store(o, v128.load(r + w));
      if (full == 8) v128.store(o, v128.load(r + w, 16), 16);
      o += panel;
    }
  }
  if (whole < count) packBorder(at(x, whole), ld, 4, count - whole, full, depth, out + <usize>(whole / full) * panel);
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

/** Panels from a matrix whose inner dimension runs along columns: source(w, k) = x[w * ld + k]. */
// @ts-ignore: decorator
@inline
function packAcross(x: usize, ld: usize, count: i32, full: i32, depth: i32, out: usize): void {
  const step = <usize>full << 2;
  const panel = <usize>depth * step;
  for (let w = 0; w < count; w += full) {
    if (w + full > count) {
      packBorder(x, 4, ld, count - w, full, depth, out);
      return;
    }
    let k = 0;
    for (const end = depth & ~3; k < end; k += 4) {
      const p = at(x, k);
      const o = out + <usize>k * step;
      transpose4(p, p + ld, p + 2 * ld, p + 3 * ld, o, step);
      if (full == 8) transpose4(p + 4 * ld, p + 5 * ld, p + 6 * ld, p + 7 * ld, o + 16, step);
    }
    if (k < depth) packBorder(at(x, k), 4, ld, full, full, depth - k, out + <usize>k * step);
    x += <usize>full * ld;
    out += panel;
  }
}

/** Packs `count` rows or columns of `depth` numbers into panels of 4. `ld` is in bytes. */
export function pack4(x: usize, ld: usize, across: bool, count: i32, depth: i32, out: usize): void {
  if (across) packAcross(x, ld, count, 4, depth, out);
  else packAlong(x, ld, count, 4, depth, out);
}

/** The same in panels of 8. */
export function pack8(x: usize, ld: usize, across: bool, count: i32, depth: i32, out: usize): void {
  if (across) packAcross(x, ld, count, 8, depth, out);
  else packAlong(x, ld, count, 8, depth, out);
}
