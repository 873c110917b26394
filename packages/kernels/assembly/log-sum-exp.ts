import { gemm } from "./gemm";
import { BLOCK, CHUNK, maskExcluded, packUsers, scoreTile, startCursors, TILE } from "./score-blocks";
import { pack8 } from "./pack";
import { at, axpy, copyRow, idAt, rowAt } from "./simd";
import { exp1, expTo, log1, sumExp, topOf } from "./vector-math";

// Log of the mass of a user's unlisted items, log of the sum over items that are not excluded of e^<u, i>, over blocks of
// scores as in `ranking.ts`. Never as a total minus the listed: in float32 that difference is mostly rounding.

/** Running log-sum-exp: `tops` [CHUNK] float32 and `sums` [CHUNK] float64. */
// @ts-ignore: decorator
@inline
function addRow(row: usize, count: i32, top: usize, sum: usize): void {
  const high = topOf(row, count);
  const before = load<f32>(top);
  // All excluded so far; NaN is not passed over by the sum.
  if (high == -Infinity && before == -Infinity && sumExp(row, count, 0) == 0) return;
  const next = max(high, before);
  if (next > before) {
    store<f64>(sum, load<f64>(sum) * <f64>exp1(before - next));
    store<f32>(top, next);
  }
  store<f64>(sum, load<f64>(sum) + sumExp(row, count, next));
}

export function logSumExpRest(
  user: usize, item: usize, cols: i32, items: i32, userIds: usize, n: i32, excludeOffsets: usize, excludeItems: usize,
  out: usize, scratch: usize,
): void {
  const bytes = <usize>cols << 2;
  const sums = scratch;
  const tops = sums + (CHUNK << 3);
  const cursors = at(tops, CHUNK);
  const scores = at(cursors, CHUNK);
  const packedItems = at(scores, TILE * BLOCK);
  const temp = rowAt(packedItems, BLOCK, bytes);
  const packedUsers = rowAt(temp, 4, bytes);
  for (let chunk = 0; chunk < n; chunk += CHUNK) {
    const size = min(CHUNK, n - chunk);
    const ids = at(userIds, chunk);
    packUsers(user, cols, ids, size, packedUsers, temp);
    startCursors(ids, size, excludeOffsets, cursors);
    for (let r = 0; r < size; r++) {
      store<f64>(sums + (<usize>r << 3), 0);
      store<f32>(at(tops, r), -Infinity);
    }
    for (let first = 0; first < items; first += BLOCK) {
      const count = min(BLOCK, items - first);
      pack8(rowAt(item, first, bytes), bytes, true, count, cols, packedItems);
      for (let t = 0; t < size; t += TILE) {
        const rows = min(TILE, size - t);
        scoreTile(rowAt(packedUsers, t, bytes), packedItems, rows, count, cols, scores);
        for (let r = 0; r < rows; r++) {
          const row = at(scores, r * BLOCK);
          const end = idAt(excludeOffsets, idAt(ids, t + r) + 1);
          maskExcluded(row, first, count, excludeItems, end, at(cursors, t + r), -Infinity);
          addRow(row, count, at(tops, t + r), sums + (<usize>(t + r) << 3));
        }
      }
    }
    for (let r = 0; r < size; r++) {
      const sum = load<f64>(sums + (<usize>r << 3));
      store<f32>(at(out, chunk + r), sum == 0 ? -Infinity : load<f32>(at(tops, r)) + log1(<f32>sum));
    }
  }
}

/** Adds to the tables dUser and dItem the gradient for `dOut` [n]; `logs` [n] are the results of the forward pass. */
export function logSumExpRestGrad(
  user: usize, item: usize, cols: i32, items: i32, userIds: usize, n: i32, excludeOffsets: usize, excludeItems: usize,
  logs: usize, dOut: usize, dUser: usize, dItem: usize, scratch: usize,
): void {
  const bytes = <usize>cols << 2;
  const cursors = scratch;
  const scores = at(cursors, CHUNK);
  const packedItems = at(scores, TILE * BLOCK);
  const temp = rowAt(packedItems, BLOCK, bytes);
  const packedUsers = rowAt(temp, 4, bytes);
  const users = rowAt(packedUsers, CHUNK, bytes);
  const dUsers = rowAt(users, CHUNK, bytes);
  const room = rowAt(dUsers, CHUNK, bytes);
  for (let chunk = 0; chunk < n; chunk += CHUNK) {
    const size = min(CHUNK, n - chunk);
    const ids = at(userIds, chunk);
    packUsers(user, cols, ids, size, packedUsers, temp);
    startCursors(ids, size, excludeOffsets, cursors);
    for (let r = 0; r < size; r++) copyRow(rowAt(users, r, bytes), rowAt(user, idAt(ids, r), bytes), bytes);
    memory.fill(dUsers, 0, <usize>size * bytes);
    for (let first = 0; first < items; first += BLOCK) {
      const count = min(BLOCK, items - first);
      const block = rowAt(item, first, bytes);
      pack8(block, bytes, true, count, cols, packedItems);
      for (let t = 0; t < size; t += TILE) {
        const rows = min(TILE, size - t);
        scoreTile(rowAt(packedUsers, t, bytes), packedItems, rows, count, cols, scores);
        for (let r = 0; r < rows; r++) {
          const row = at(scores, r * BLOCK);
          const end = idAt(excludeOffsets, idAt(ids, t + r) + 1);
          maskExcluded(row, first, count, excludeItems, end, at(cursors, t + r), -Infinity);
          // Shares of the gradient. Without any item left the row has no mass, hence none.
          const log = load<f32>(at(logs, chunk + t + r));
          expTo(row, count, log == -Infinity ? Infinity : log, load<f32>(at(dOut, chunk + t + r)), row);
        }
        gemm(rows, cols, count, scores, BLOCK, false, block, cols, false, rowAt(dUsers, t, bytes), cols, 1, 1, room);
        gemm(count, cols, rows, scores, BLOCK, true, rowAt(users, t, bytes), cols, false, rowAt(dItem, first, bytes), cols, 1, 1, room);
      }
    }
    for (let r = 0; r < size; r++) {
      axpy(rowAt(dUser, idAt(ids, r), bytes), rowAt(dUsers, r, bytes), f32x4.splat(1), bytes);
    }
  }
}
