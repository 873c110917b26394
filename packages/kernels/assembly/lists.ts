import { axpy, dot, idAt, rowAt } from "./simd";

/** A negative right id is padding: its score is -Infinity. */
export function dotLists(
  left: usize, right: usize, cols: i32, leftIds: usize, rightIds: usize, n: i32, k: i32, out: usize,
): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < n; r++) {
    const l = rowAt(left, idAt(leftIds, r), bytes);
    const ids = rightIds + (<usize>(r * k) << 2);
    const o = out + (<usize>(r * k) << 2);
    for (let c = 0; c < k; c++) {
      const id = idAt(ids, c);
      store<f32>(o + (<usize>c << 2), id < 0 ? -Infinity : dot(l, rowAt(right, id, bytes), bytes));
    }
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
    const ids = rightIds + (<usize>(r * k) << 2);
    const d = dOut + (<usize>(r * k) << 2);
    for (let c = 0; c < k; c++) {
      const id = idAt(ids, c);
      const g = load<f32>(d + (<usize>c << 2));
      if (id < 0 || g == 0) continue;
      const s = f32x4.splat(g);
      axpy(dl, rowAt(right, id, bytes), s, bytes);
      axpy(rowAt(dRight, id, bytes), l, s, bytes);
    }
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
