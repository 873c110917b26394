import { loadLanes, storeLanes } from "./lanes";
import { at, dot, idAt, rowAt } from "./simd";

/** Bytes of a row of 20 numbers, the papers' students, whose list is taken in one pass with everything in registers. */
const TWENTY: usize = 80;

// @ts-ignore: decorator
@inline
function product20(p: usize, l0: v128, l1: v128, l2: v128, l3: v128, l4: v128): v128 {
  const s2 = f32x4.add(f32x4.mul(l2, v128.load(p, 32)), f32x4.mul(l4, v128.load(p, 64)));
  const s01 = f32x4.add(f32x4.mul(l0, v128.load(p)), f32x4.mul(l1, v128.load(p, 16)));
  return f32x4.add(s01, f32x4.add(s2, f32x4.mul(l3, v128.load(p, 48))));
}

/** The same numbers as {@link dot}, four at a time: lanes of four products are added crosswise. */
function dotList20(l: usize, right: usize, ids: usize, k: i32, out: usize): void {
  const l0 = v128.load(l);
  const l1 = v128.load(l, 16);
  const l2 = v128.load(l, 32);
  const l3 = v128.load(l, 48);
  const l4 = v128.load(l, 64);
  let c = 0;
  for (const end = k & ~3; c < end; c += 4) {
    const id = v128.load(at(ids, c));
    // Padding reads row 0 and is overwritten.
    const known = i32x4.max_s(id, i32x4.splat(0));
    const a = product20(rowAt(right, i32x4.extract_lane(known, 0), TWENTY), l0, l1, l2, l3, l4);
    const b = product20(rowAt(right, i32x4.extract_lane(known, 1), TWENTY), l0, l1, l2, l3, l4);
    const d = product20(rowAt(right, i32x4.extract_lane(known, 2), TWENTY), l0, l1, l2, l3, l4);
    const e = product20(rowAt(right, i32x4.extract_lane(known, 3), TWENTY), l0, l1, l2, l3, l4);
    const ab = f32x4.add(i32x4.shuffle(a, b, 0, 1, 4, 5), i32x4.shuffle(a, b, 2, 3, 6, 7));
    const de = f32x4.add(i32x4.shuffle(d, e, 0, 1, 4, 5), i32x4.shuffle(d, e, 2, 3, 6, 7));
    const sums = f32x4.add(i32x4.shuffle(ab, de, 0, 2, 4, 6), i32x4.shuffle(ab, de, 1, 3, 5, 7));
    v128.store(at(out, c), v128.bitselect(f32x4.splat(-Infinity), sums, i32x4.lt_s(id, i32x4.splat(0))));
  }
  for (; c < k; c++) {
    const id = idAt(ids, c);
    store<f32>(at(out, c), id < 0 ? -Infinity : dot(l, rowAt(right, id, TWENTY), TWENTY));
  }
}

/** A negative right id is padding: its score is -Infinity. */
export function dotLists(
  left: usize, right: usize, cols: i32, leftIds: usize, rightIds: usize, n: i32, k: i32, out: usize,
): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < n; r++) {
    const l = rowAt(left, idAt(leftIds, r), bytes);
    const ids = rightIds + (<usize>(r * k) << 2);
    const o = out + (<usize>(r * k) << 2);
    if (bytes == TWENTY) {
      dotList20(l, right, ids, k, o);
      continue;
    }
    for (let c = 0; c < k; c++) {
      const id = idAt(ids, c);
      store<f32>(o + (<usize>c << 2), id < 0 ? -Infinity : dot(l, rowAt(right, id, bytes), bytes));
    }
  }
}

/** Widest row whose columns are taken 16 at a time over the whole list; a wider one is taken whole, item by item. */
const NARROW: usize = 128;

/** `lanes` columns of the gradient of one list: the left row and its sum stay in registers. */
// @ts-ignore: decorator
@inline
function gradPart(l: usize, dl: usize, right: usize, dRight: usize, ids: usize, d: usize, k: i32, bytes: usize, lanes: i32): void {
  const row = loadLanes(l, lanes);
  let sum = f32x4.splat(0);
  for (let c = 0; c < k; c++) {
    const id = idAt(ids, c);
    if (id < 0) continue;
    const s = v128.load32_splat(at(d, c));
    const out = rowAt(dRight, id, bytes);
    sum = f32x4.add(sum, f32x4.mul(s, loadLanes(rowAt(right, id, bytes), lanes)));
    storeLanes(out, f32x4.add(loadLanes(out, lanes), f32x4.mul(s, row)), lanes);
  }
  // Read only now: both tables may be one, with the left row among the listed.
  storeLanes(dl, f32x4.add(loadLanes(dl, lanes), sum), lanes);
}

function gradPart16(l: usize, dl: usize, right: usize, dRight: usize, ids: usize, d: usize, k: i32, bytes: usize): void {
  const l0 = v128.load(l);
  const l1 = v128.load(l, 16);
  const l2 = v128.load(l, 32);
  const l3 = v128.load(l, 48);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let c = 0; c < k; c++) {
    const id = idAt(ids, c);
    if (id < 0) continue;
    const s = v128.load32_splat(at(d, c));
    const p = rowAt(right, id, bytes);
    const out = rowAt(dRight, id, bytes);
    s0 = f32x4.add(s0, f32x4.mul(s, v128.load(p)));
    s1 = f32x4.add(s1, f32x4.mul(s, v128.load(p, 16)));
    s2 = f32x4.add(s2, f32x4.mul(s, v128.load(p, 32)));
    s3 = f32x4.add(s3, f32x4.mul(s, v128.load(p, 48)));
    v128.store(out, f32x4.add(v128.load(out), f32x4.mul(s, l0)));
    v128.store(out, f32x4.add(v128.load(out, 16), f32x4.mul(s, l1)), 16);
    v128.store(out, f32x4.add(v128.load(out, 32), f32x4.mul(s, l2)), 32);
    v128.store(out, f32x4.add(v128.load(out, 48), f32x4.mul(s, l3)), 48);
  }
  v128.store(dl, f32x4.add(v128.load(dl), s0));
  v128.store(dl, f32x4.add(v128.load(dl, 16), s1), 16);
  v128.store(dl, f32x4.add(v128.load(dl, 32), s2), 32);
  v128.store(dl, f32x4.add(v128.load(dl, 48), s3), 48);
}

function grad20(l: usize, dl: usize, right: usize, dRight: usize, ids: usize, d: usize, k: i32): void {
  const l0 = v128.load(l);
  const l1 = v128.load(l, 16);
  const l2 = v128.load(l, 32);
  const l3 = v128.load(l, 48);
  const l4 = v128.load(l, 64);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  for (let c = 0; c < k; c++) {
    const id = idAt(ids, c);
    if (id < 0) continue;
    const s = v128.load32_splat(at(d, c));
    const p = rowAt(right, id, TWENTY);
    const out = rowAt(dRight, id, TWENTY);
    s0 = f32x4.add(s0, f32x4.mul(s, v128.load(p)));
    s1 = f32x4.add(s1, f32x4.mul(s, v128.load(p, 16)));
    s2 = f32x4.add(s2, f32x4.mul(s, v128.load(p, 32)));
    s3 = f32x4.add(s3, f32x4.mul(s, v128.load(p, 48)));
    s4 = f32x4.add(s4, f32x4.mul(s, v128.load(p, 64)));
    v128.store(out, f32x4.add(v128.load(out), f32x4.mul(s, l0)));
    v128.store(out, f32x4.add(v128.load(out, 16), f32x4.mul(s, l1)), 16);
    v128.store(out, f32x4.add(v128.load(out, 32), f32x4.mul(s, l2)), 32);
    v128.store(out, f32x4.add(v128.load(out, 48), f32x4.mul(s, l3)), 48);
    v128.store(out, f32x4.add(v128.load(out, 64), f32x4.mul(s, l4)), 64);
  }
  v128.store(dl, f32x4.add(v128.load(dl), s0));
  v128.store(dl, f32x4.add(v128.load(dl, 16), s1), 16);
  v128.store(dl, f32x4.add(v128.load(dl, 32), s2), 32);
  v128.store(dl, f32x4.add(v128.load(dl, 48), s3), 48);
  v128.store(dl, f32x4.add(v128.load(dl, 64), s4), 64);
}

function gradNarrow(l: usize, dl: usize, right: usize, dRight: usize, ids: usize, d: usize, k: i32, bytes: usize): void {
  let o: usize = 0;
  for (const end = bytes & ~63; o < end; o += 64) gradPart16(l + o, dl + o, right + o, dRight + o, ids, d, k, bytes);
  for (const end = bytes & ~15; o < end; o += 16) gradPart(l + o, dl + o, right + o, dRight + o, ids, d, k, bytes, 4);
  if (bytes & 8) {
    gradPart(l + o, dl + o, right + o, dRight + o, ids, d, k, bytes, 2);
    o += 8;
  }
  if (bytes & 4) gradPart(l + o, dl + o, right + o, dRight + o, ids, d, k, bytes, 1);
}

// @ts-ignore: decorator
@inline
function addBoth(l: usize, dl: usize, p: usize, out: usize, s: v128, lanes: i32): void {
  storeLanes(dl, f32x4.add(loadLanes(dl, lanes), f32x4.mul(s, loadLanes(p, lanes))), lanes);
  storeLanes(out, f32x4.add(loadLanes(out, lanes), f32x4.mul(s, loadLanes(l, lanes))), lanes);
}

function gradWide(l: usize, dl: usize, right: usize, dRight: usize, ids: usize, d: usize, k: i32, bytes: usize): void {
  for (let c = 0; c < k; c++) {
    const id = idAt(ids, c);
    if (id < 0) continue;
    const s = v128.load32_splat(at(d, c));
    const p = rowAt(right, id, bytes);
    const out = rowAt(dRight, id, bytes);
    let o: usize = 0;
    for (const end = bytes & ~15; o < end; o += 16) addBoth(l + o, dl + o, p + o, out + o, s, 4);
    if (bytes & 8) {
      addBoth(l + o, dl + o, p + o, out + o, s, 2);
      o += 8;
    }
    if (bytes & 4) addBoth(l + o, dl + o, p + o, out + o, s, 1);
  }
}

export function dotListsGrad(
  left: usize, right: usize, cols: i32, leftIds: usize, rightIds: usize, n: i32, k: i32,
  dOut: usize, dLeft: usize, dRight: usize,
): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < n; r++) {
    const row = idAt(leftIds, r);
    const l = rowAt(left, row, bytes);
    const dl = rowAt(dLeft, row, bytes);
    const ids = at(rightIds, r * k);
    const d = at(dOut, r * k);
    if (bytes == TWENTY) grad20(l, dl, right, dRight, ids, d, k);
    else if (bytes <= NARROW) gradNarrow(l, dl, right, dRight, ids, d, k, bytes);
    else gradWide(l, dl, right, dRight, ids, d, k, bytes);
  }
}

/** First position whose id is at least `limit`, or -1; negative ids pass. */
export function firstListIdOutside(ids: usize, n: i32, limit: i32): i32 {
  const bound = i32x4.splat(limit);
  let r = 0;
  for (const end = n & ~3; r < end; r += 4) {
    if (v128.any_true(i32x4.ge_s(v128.load(ids + (<usize>r << 2)), bound))) break;
  }
  for (; r < n; r++) {
    if (idAt(ids, r) >= limit) return r;
  }
  return -1;
}
