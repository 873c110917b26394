import { tile } from "./gemm";
import { idAt, sumLanes } from "./simd";
import { raisePairs } from "./vector-math";

// Exponentials of scores of four users with all items, in panels [items / 8][4 users][8 items]: a score's tile is written,
// raised and read again as one run, and a panel meets the panel [cols][8 items] of its items. BLOCK items at a time, so that
// all three passes find them in the first-level cache.
export const BLOCK = 512;
/** Users at a time. */
export const QUAD = 4;
const PANEL = 8;
/** Bytes of a panel of four users, of one user in it, and of a column of a panel of items. */
const PANEL_BYTES: usize = 128;
const ROW_BYTES: usize = 32;

/** Numbers up to a multiple of a panel. */
// @ts-ignore: decorator
@inline
export function whole(items: i32): i32 {
  return (items + (PANEL - 1)) & ~(PANEL - 1);
}

// @ts-ignore: decorator
@inline
function panelOf(panels: usize, item: i32): usize {
  return panels + (<usize>item >> 3) * PANEL_BYTES;
}

/** Behind the last panel of the items below `to`. */
// @ts-ignore: decorator
@inline
function endOf(panels: usize, to: i32): usize {
  return panelOf(panels, whole(to));
}

/** Scores of packed users and packed items [from, to); `from` begins a panel, here and below. */
export function scorePanels(users: usize, items: usize, cols: i32, from: i32, to: i32, panels: usize): void {
  const one = f32x4.splat(1);
  const itemBytes = <usize>cols * ROW_BYTES;
  let b = items + (<usize>from >> 3) * itemBytes;
  for (let out = panelOf(panels, from), end = endOf(panels, to); out < end; out += PANEL_BYTES) {
    tile(users, b, cols, out, ROW_BYTES, one, false, false);
    b += itemBytes;
  }
}

/** Sets to -Infinity a user's scores of excluded items below `end`; returns the position of the first that is not. */
export function maskPanels(panels: usize, r: i32, excluded: usize, at: i32, stop: i32, end: i32): i32 {
  for (; at < stop; at++) {
    const item = idAt(excluded, at);
    if (item >= end) break;
    maskItem(panels, r, item);
  }
  return at;
}

// @ts-ignore: decorator
@inline
export function maskItem(panels: usize, r: i32, item: i32): void {
  store<f32>(panelOf(panels, item) + <usize>r * ROW_BYTES + (<usize>(item & 7) << 2), -Infinity);
}

/** Largest of a user's scores; NaN is passed over. */
export function topOfPanels(panels: usize, r: i32, from: i32, to: i32): f32 {
  let tops = f32x4.splat(-Infinity);
  let others = tops;
  const row = panels + <usize>r * ROW_BYTES;
  for (let x = panelOf(row, from), end = endOf(row, to); x < end; x += PANEL_BYTES) {
    tops = f32x4.pmax(tops, v128.load(x));
    others = f32x4.pmax(others, v128.load(x, 16));
  }
  tops = f32x4.pmax(tops, others);
  tops = f32x4.pmax(tops, i32x4.shuffle(tops, tops, 2, 3, 0, 1));
  return max(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1));
}

/** Raises a user's scores, less `shift`, to powers of two in place; returns their sum. */
export function raisePanels(panels: usize, r: i32, from: i32, to: i32, shift: f32): f64 {
  const row = panels + <usize>r * ROW_BYTES;
  return raisePairs(panelOf(row, from), endOf(row, to), PANEL_BYTES, shift);
}

/** Adds to `out` [4, cols] the panels times their items. */
export function addItems(panels: usize, items: usize, cols: i32, from: i32, to: i32, out: usize): void {
  let c = 0;
  for (; c + 2 <= cols; c += 2) addColumns(panels, items, cols, from, to, c, out, true);
  if (c < cols) addColumns(panels, items, cols, from, to, c, out, false);
}

// @ts-ignore: decorator
@inline
function addColumns(
  panels: usize, items: usize, cols: i32, from: i32, to: i32, c: i32, out: usize, two: bool,
): void {
  const itemBytes = <usize>cols * ROW_BYTES;
  let b = items + (<usize>from >> 3) * itemBytes + <usize>c * ROW_BYTES;
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let e = panelOf(panels, from), end = endOf(panels, to); e < end; e += PANEL_BYTES) {
    for (let half: usize = 0; half < ROW_BYTES; half += 16) {
      const x = e + half;
      const b0 = v128.load(b + half);
      const e0 = v128.load(x);
      const e1 = v128.load(x, 32);
      const e2 = v128.load(x, 64);
      const e3 = v128.load(x, 96);
      c00 = f32x4.add(c00, f32x4.mul(e0, b0));
      c10 = f32x4.add(c10, f32x4.mul(e1, b0));
      c20 = f32x4.add(c20, f32x4.mul(e2, b0));
      c30 = f32x4.add(c30, f32x4.mul(e3, b0));
      if (two) {
        const b1 = v128.load(b + half, 32);
        c01 = f32x4.add(c01, f32x4.mul(e0, b1));
        c11 = f32x4.add(c11, f32x4.mul(e1, b1));
        c21 = f32x4.add(c21, f32x4.mul(e2, b1));
        c31 = f32x4.add(c31, f32x4.mul(e3, b1));
      }
    }
    b += itemBytes;
  }
  const bytes = <usize>cols << 2;
  let o = out + (<usize>c << 2);
  addTwo(o, c00, c01, two);
  addTwo(o + bytes, c10, c11, two);
  addTwo(o + 2 * bytes, c20, c21, two);
  addTwo(o + 3 * bytes, c30, c31, two);
}

// @ts-ignore: decorator
@inline
function addTwo(out: usize, left: v128, right: v128, two: bool): void {
  store<f32>(out, load<f32>(out) + sumLanes(left));
  if (two) store<f32>(out, load<f32>(out, 4) + sumLanes(right), 4);
}

/**
 * Adds to packed items [panels][cols][8] the panels of `quads` fours of users times `factors` [quads][cols][4].
 * Fours are `stride` bytes apart.
 */
export function addUsers(
  panels: usize, stride: usize, quads: i32, factors: usize, cols: i32, items: i32, out: usize,
): void {
  const itemBytes = <usize>cols * ROW_BYTES;
  for (let e = panels, end = endOf(panels, items); e < end; e += PANEL_BYTES) {
    let c = 0;
    for (; c + 4 <= cols; c += 4) addUserColumns(e, stride, quads, factors, cols, c, out, 4);
    if (c + 2 <= cols) {
      addUserColumns(e, stride, quads, factors, cols, c, out, 2);
      c += 2;
    }
    if (c < cols) addUserColumns(e, stride, quads, factors, cols, c, out, 1);
    out += itemBytes;
  }
}

// @ts-ignore: decorator
@inline
function addUserColumns(
  e: usize, stride: usize, quads: i32, factors: usize, cols: i32, c: i32, out: usize, width: i32,
): void {
  const o = out + <usize>c * ROW_BYTES;
  let f = factors + (<usize>c << 4);
  const bytes = <usize>cols << 4;
  let c00 = v128.load(o);
  let c01 = v128.load(o, 16);
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  if (width > 1) {
    c10 = v128.load(o, 32);
    c11 = v128.load(o, 48);
  }
  if (width > 2) {
    c20 = v128.load(o, 64);
    c21 = v128.load(o, 80);
    c30 = v128.load(o, 96);
    c31 = v128.load(o, 112);
  }
  for (const end = f + <usize>quads * bytes; f < end; f += bytes) {
    for (let r: usize = 0; r < 4; r++) {
      const x = e + r * ROW_BYTES;
      const g = f + (r << 2);
      const e0 = v128.load(x);
      const e1 = v128.load(x, 16);
      const f0 = v128.load32_splat(g);
      c00 = f32x4.add(c00, f32x4.mul(f0, e0));
      c01 = f32x4.add(c01, f32x4.mul(f0, e1));
      if (width > 1) {
        const f1 = v128.load32_splat(g, 16);
        c10 = f32x4.add(c10, f32x4.mul(f1, e0));
        c11 = f32x4.add(c11, f32x4.mul(f1, e1));
      }
      if (width > 2) {
        const f2 = v128.load32_splat(g, 32);
        c20 = f32x4.add(c20, f32x4.mul(f2, e0));
        c21 = f32x4.add(c21, f32x4.mul(f2, e1));
        const f3 = v128.load32_splat(g, 48);
        c30 = f32x4.add(c30, f32x4.mul(f3, e0));
        c31 = f32x4.add(c31, f32x4.mul(f3, e1));
      }
    }
    e += stride;
  }
  v128.store(o, c00);
  v128.store(o, c01, 16);
  if (width > 1) {
    v128.store(o, c10, 32);
    v128.store(o, c11, 48);
  }
  if (width > 2) {
    v128.store(o, c20, 64);
    v128.store(o, c21, 80);
    v128.store(o, c30, 96);
    v128.store(o, c31, 112);
  }
}
