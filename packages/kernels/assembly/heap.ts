import { at, idAt } from "./simd";

// Heaps of (id, score) with the worst entry first, in two arrays.

/** Moves the entry at the root of a heap (worst entry first) down to its place. Of equal scores the larger id is worse. */
function siftDown(ids: usize, scores: usize, size: i32, id: i32, score: f32): void {
  let p = 0;
  for (;;) {
    let c = 2 * p + 1;
    if (c >= size) break;
    let child = load<f32>(at(scores, c));
    let childId = idAt(ids, c);
    if (c + 1 < size) {
      const other = load<f32>(at(scores, c + 1));
      const otherId = idAt(ids, c + 1);
      if (other < child || (other == child && otherId > childId)) {
        c++;
        child = other;
        childId = otherId;
      }
    }
    if (!(child < score || (child == score && childId > id))) break;
    store<f32>(at(scores, p), child);
    store<i32>(at(ids, p), childId);
    p = c;
  }
  store<f32>(at(scores, p), score);
  store<i32>(at(ids, p), id);
}

/** Offers scores of consecutive items to a heap. NaN and -Infinity never enter. */
export function offerRow(row: usize, first: i32, count: i32, k: i32, ids: usize, scores: usize): void {
  let worst = f32x4.splat(load<f32>(scores));
  for (let c = 0; c < count; c += 8) {
    const hit = v128.or(f32x4.gt(v128.load(at(row, c)), worst), f32x4.gt(v128.load(at(row, c), 16), worst));
    if (!v128.any_true(hit)) continue;
    for (let q = c, end = min(c + 8, count); q < end; q++) {
      const score = load<f32>(at(row, q));
      if (score > load<f32>(scores)) siftDown(ids, scores, k, first + q, score);
    }
    worst = f32x4.splat(load<f32>(scores));
  }
}

/** Heap to list, best first. */
export function sortHeap(ids: usize, scores: usize, k: i32): void {
  for (let size = k - 1; size > 0; size--) {
    const id = idAt(ids, size);
    const score = load<f32>(at(scores, size));
    store<i32>(at(ids, size), load<i32>(ids));
    store<f32>(at(scores, size), load<f32>(scores));
    siftDown(ids, scores, size, id, score);
  }
}

/** Ids ascending, the missing ones (-1) last: insertion into a list that is short. */
export function sortIds(ids: usize, k: i32): void {
  for (let c = 1; c < k; c++) {
    const id = idAt(ids, c);
    let p = c;
    // Compared unsigned, -1 is the largest.
    for (; p > 0 && <u32>idAt(ids, p - 1) > <u32>id; p--) store<i32>(at(ids, p), idAt(ids, p - 1));
    store<i32>(at(ids, p), id);
  }
}
