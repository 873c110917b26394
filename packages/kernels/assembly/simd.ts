import { loadLanes, storeLanes } from "./lanes";

// Row primitives. Addresses and sizes are in bytes; rows need not be aligned and may have any number of columns.

/** Sum of the four lanes, pairwise. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  const pair = f32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1);
}

// @ts-ignore: decorator
@inline
function mulAdd(sum: v128, a: usize, b: usize, lanes: i32): v128 {
  return f32x4.add(sum, f32x4.mul(loadLanes(a, lanes), loadLanes(b, lanes)));
}

/** <a, b>. The order of additions depends on `bytes` alone. */
// @ts-ignore: decorator
@inline
export function dot(a: usize, b: usize, bytes: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let o: usize = 0;
  for (const end = bytes & ~63; o < end; o += 64) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a + o), v128.load(b + o)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a + o, 16), v128.load(b + o, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a + o, 32), v128.load(b + o, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(a + o, 48), v128.load(b + o, 48)));
  }
  if (bytes & 32) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a + o), v128.load(b + o)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a + o, 16), v128.load(b + o, 16)));
    o += 32;
  }
  if (bytes & 16) {
    s2 = mulAdd(s2, a + o, b + o, 4);
    o += 16;
  }
  if (bytes & 8) {
    s3 = mulAdd(s3, a + o, b + o, 2);
    o += 8;
  }
  if (bytes & 4) s3 = mulAdd(s3, a + o, b + o, 1);
  return sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

// @ts-ignore: decorator
@inline
function mulAddDifference(sum: v128, a: usize, b: usize, c: usize, lanes: i32): v128 {
  return f32x4.add(sum, f32x4.mul(loadLanes(a, lanes), f32x4.sub(loadLanes(b, lanes), loadLanes(c, lanes))));
}

/** <a, b - c>. */
// @ts-ignore: decorator
@inline
export function dotDifference(a: usize, b: usize, c: usize, bytes: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let o: usize = 0;
  for (const end = bytes & ~31; o < end; o += 32) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a + o), f32x4.sub(v128.load(b + o), v128.load(c + o))));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a + o, 16), f32x4.sub(v128.load(b + o, 16), v128.load(c + o, 16))));
  }
  if (bytes & 16) {
    s0 = mulAddDifference(s0, a + o, b + o, c + o, 4);
    o += 16;
  }
  if (bytes & 8) {
    s1 = mulAddDifference(s1, a + o, b + o, c + o, 2);
    o += 8;
  }
  if (bytes & 4) s1 = mulAddDifference(s1, a + o, b + o, c + o, 1);
  return sumLanes(f32x4.add(s0, s1));
}

// @ts-ignore: decorator
@inline
function axpyAt(y: usize, x: usize, s: v128, lanes: i32): void {
  storeLanes(y, f32x4.add(loadLanes(y, lanes), f32x4.mul(s, loadLanes(x, lanes))), lanes);
}

/** y += s * x. */
// @ts-ignore: decorator
@inline
export function axpy(y: usize, x: usize, s: v128, bytes: usize): void {
  let o: usize = 0;
  for (const end = bytes & ~15; o < end; o += 16) axpyAt(y + o, x + o, s, 4);
  if (bytes & 8) {
    axpyAt(y + o, x + o, s, 2);
    o += 8;
  }
  if (bytes & 4) axpyAt(y + o, x + o, s, 1);
}

/** out = s * x. */
// @ts-ignore: decorator
@inline
export function scaleTo(out: usize, x: usize, s: v128, bytes: usize): void {
  let o: usize = 0;
  for (const end = bytes & ~15; o < end; o += 16) v128.store(out + o, f32x4.mul(s, v128.load(x + o)));
  if (bytes & 8) {
    storeLanes(out + o, f32x4.mul(s, loadLanes(x + o, 2)), 2);
    o += 8;
  }
  if (bytes & 4) storeLanes(out + o, f32x4.mul(s, loadLanes(x + o, 1)), 1);
}

/** Copies a row; short rows are copied in line, where memory.copy would cost a call. */
// @ts-ignore: decorator
@inline
export function copyRow(out: usize, x: usize, bytes: usize): void {
  if (bytes > 1024) {
    memory.copy(out, x, bytes);
    return;
  }
  let o: usize = 0;
  for (const end = bytes & ~15; o < end; o += 16) v128.store(out + o, v128.load(x + o));
  if (bytes & 8) {
    store<u64>(out + o, load<u64>(x + o));
    o += 8;
  }
  if (bytes & 4) store<u32>(out + o, load<u32>(x + o));
}

/** Address of a row of `bytes` bytes. */
// @ts-ignore: decorator
@inline
export function rowAt(table: usize, row: i32, bytes: usize): usize {
  return table + <usize>row * bytes;
}

/** Address of the r-th number of 4 bytes. */
// @ts-ignore: decorator
@inline
export function at(p: usize, r: i32): usize {
  return p + (<usize>r << 2);
}

/** The r-th number of an i32 array. */
// @ts-ignore: decorator
@inline
export function idAt(ids: usize, r: i32): i32 {
  return load<i32>(at(ids, r));
}
