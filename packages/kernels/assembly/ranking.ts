import { finishList, offerRow, startList, STATE_BYTES } from "./best-list";
import { pack8 } from "./pack";
import { BLOCK, CHUNK, maskExcluded, packUsers, scoreTile, startCursors, TILE } from "./score-blocks";
import { at, idAt, rowAt } from "./simd";

/** `chunk` users at a time, each with a list of `capacity` > k candidates; both are chosen by the host. */
export function topK(
  user: usize, item: usize, cols: i32, items: i32, userIds: usize, n: i32, excludeOffsets: usize, excludeItems: usize,
  k: i32, outItems: usize, outScores: usize, chunk: i32, capacity: i32, scratch: usize,
): void {
  if (k == 0) return;
  const bytes = <usize>cols << 2;
  const states = scratch;
  const cursors = states + <usize>chunk * STATE_BYTES;
  const listIds = at(cursors, chunk);
  const listScores = at(listIds, chunk * capacity);
  const scores = at(listScores, chunk * capacity);
  const packedItems = at(scores, TILE * BLOCK);
  const temp = rowAt(packedItems, BLOCK, bytes);
  const packedUsers = rowAt(temp, 4, bytes);
  for (let start = 0; start < n; start += chunk) {
    const size = min(chunk, n - start);
    const ids = at(userIds, start);
    packUsers(user, cols, ids, size, packedUsers, temp);
    startCursors(ids, size, excludeOffsets, cursors);
    for (let r = 0; r < size; r++) startList(states + <usize>r * STATE_BYTES);
    for (let first = 0; first < items; first += BLOCK) {
      const count = min(BLOCK, items - first);
      pack8(rowAt(item, first, bytes), bytes, true, count, cols, packedItems);
      for (let t = 0; t < size; t += TILE) {
        const rows = min(TILE, size - t);
        scoreTile(rowAt(packedUsers, t, bytes), packedItems, rows, count, cols, scores);
        for (let r = t; r < t + rows; r++) {
          const row = at(scores, (r - t) * BLOCK);
          maskExcluded(row, first, count, excludeItems, idAt(excludeOffsets, idAt(ids, r) + 1), at(cursors, r), -Infinity);
          const list = r * capacity;
          offerRow(row, first, count, k, capacity, at(listIds, list), at(listScores, list), states + <usize>r * STATE_BYTES);
        }
      }
    }
    for (let r = 0; r < size; r++) {
      const out = (start + r) * k;
      const list = r * capacity;
      const state = states + <usize>r * STATE_BYTES;
      finishList(k, at(listIds, list), at(listScores, list), state, at(outItems, out), at(outScores, out));
    }
  }
}

/** <a, b> summed in the order of `tile`, so that it equals the score computed there. */
function dotInOrder(a: usize, b: usize, cols: i32): f32 {
  let sum: f32 = 0;
  for (let c = 0; c < cols; c++) sum += load<f32>(at(a, c)) * load<f32>(at(b, c));
  return sum;
}

// @ts-ignore: decorator
@inline
function addLanesTo(p: usize, v: v128): void {
  const pair = i32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  store<i32>(p, load<i32>(p) - i32x4.extract_lane(pair, 0) - i32x4.extract_lane(pair, 1));
}

/** Adds how many of a row's scores are above `score` and how many equal it. */
function countRow(row: usize, count: i32, score: f32, above: usize, ties: usize): void {
  const s = f32x4.splat(score);
  let more = i32x4.splat(0);
  let equal = more;
  let c = 0;
  for (const end = count & ~3; c < end; c += 4) {
    const v = v128.load(at(row, c));
    more = i32x4.add(more, f32x4.gt(v, s));
    equal = i32x4.add(equal, f32x4.eq(v, s));
  }
  addLanesTo(above, more);
  addLanesTo(ties, equal);
  for (; c < count; c++) {
    const v = load<f32>(at(row, c));
    if (v > score) store<i32>(above, load<i32>(above) + 1);
    else if (v == score) store<i32>(ties, load<i32>(ties) + 1);
  }
}

/** A target whose score is NaN stands below every other candidate: `above` counts them all. */
function rankLast(items: i32, excluded: usize, from: i32, end: i32, target: i32): i32 {
  let others = items - 1;
  for (let e = from; e < end; e++) {
    const item = idAt(excluded, e);
    if (item != target && item >= 0 && item < items) others--;
  }
  return others;
}

export function rankCounts(
  user: usize, item: usize, cols: i32, items: i32, userIds: usize, targetOffsets: usize, targets: usize, n: i32,
  excludeOffsets: usize, excludeItems: usize, above: usize, ties: usize, targetScores: usize, scratch: usize,
): void {
  const bytes = <usize>cols << 2;
  const start = n > 0 ? idAt(targetOffsets, 0) : 0;
  for (let r = 0; r < n; r++) {
    const u = rowAt(user, idAt(userIds, r), bytes);
    for (let q = idAt(targetOffsets, r), end = idAt(targetOffsets, r + 1); q < end; q++) {
      store<f32>(at(targetScores, q - start), dotInOrder(u, rowAt(item, idAt(targets, q), bytes), cols));
      store<i32>(at(above, q), 0);
      store<i32>(at(ties, q), 0);
    }
  }
  const cursors = scratch;
  const scores = at(cursors, CHUNK);
  const packedItems = at(scores, TILE * BLOCK);
  const temp = rowAt(packedItems, BLOCK, bytes);
  const packedUsers = rowAt(temp, 4, bytes);
  for (let chunk = 0; chunk < n; chunk += CHUNK) {
    const size = min(CHUNK, n - chunk);
    packUsers(user, cols, at(userIds, chunk), size, packedUsers, temp);
    startCursors(at(userIds, chunk), size, excludeOffsets, cursors);
    for (let first = 0; first < items; first += BLOCK) {
      const count = min(BLOCK, items - first);
      pack8(rowAt(item, first, bytes), bytes, true, count, cols, packedItems);
      for (let t = 0; t < size; t += TILE) {
        const rows = min(TILE, size - t);
        scoreTile(rowAt(packedUsers, t, bytes), packedItems, rows, count, cols, scores);
        for (let r = 0; r < rows; r++) {
          const row = at(scores, r * BLOCK);
          const at0 = chunk + t + r;
          const end = idAt(excludeOffsets, idAt(userIds, at0) + 1);
          maskExcluded(row, first, count, excludeItems, end, at(cursors, t + r), NaN);
          for (let q = idAt(targetOffsets, at0), last = idAt(targetOffsets, at0 + 1); q < last; q++) {
            const score = load<f32>(at(targetScores, q - start));
            countRow(row, count, score, at(above, q), at(ties, q));
            const self = idAt(targets, q) - first;
            // The target ties with itself where it was not excluded.
            if (self >= 0 && self < count && load<f32>(at(row, self)) == score) store<i32>(at(ties, q), idAt(ties, q) - 1);
          }
        }
      }
    }
  }
  for (let r = 0; r < n; r++) {
    const u = idAt(userIds, r);
    for (let q = idAt(targetOffsets, r), end = idAt(targetOffsets, r + 1); q < end; q++) {
      const score = load<f32>(at(targetScores, q - start));
      if (score == score) continue;
      const from = idAt(excludeOffsets, u);
      store<i32>(at(above, q), rankLast(items, excludeItems, from, idAt(excludeOffsets, u + 1), idAt(targets, q)));
    }
  }
}
