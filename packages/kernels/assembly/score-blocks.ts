import { tile } from "./gemm";
import { pack4 } from "./pack";
import { at, copyRow, idAt, rowAt } from "./simd";

// Scores of all items for many users without a users x items matrix: users are packed once a CHUNK, items once a BLOCK and
// chunk; scores of a TILE of users and a block of items are computed, then read while they are in the cache. Each score is
// summed over the columns in order, so it has the same bits wherever user and item stand. The host's
// `rankingScratch` mirrors these sizes.
export const CHUNK = 2048;
export const BLOCK = 512;
export const TILE = 64;

/** Gathers and packs the rows of up to CHUNK users; `temp` holds four rows. */
export function packUsers(user: usize, cols: i32, userIds: usize, count: i32, packed: usize, temp: usize): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < count; r += 4) {
    const rows = min(4, count - r);
    for (let c = 0; c < rows; c++) copyRow(rowAt(temp, c, bytes), rowAt(user, idAt(userIds, r + c), bytes), bytes);
    pack4(temp, bytes, true, rows, cols, rowAt(packed, r, bytes));
  }
}

/** Sets each user's cursor to the first of its excluded items. */
export function startCursors(userIds: usize, count: i32, excludeOffsets: usize, cursors: usize): void {
  for (let r = 0; r < count; r++) store<i32>(at(cursors, r), idAt(excludeOffsets, idAt(userIds, r)));
}

/** Scores [rows up to TILE, BLOCK] of packed users and items. Rows and columns past the border hold zeros. */
export function scoreTile(users: usize, items: usize, rows: i32, count: i32, cols: i32, scores: usize): void {
  const one = f32x4.splat(1);
  const bytes = <usize>cols << 2;
  for (let j = 0; j < count; j += 8) {
    const panel = rowAt(items, j, bytes);
    for (let i = 0; i < rows; i += 4) {
      tile(rowAt(users, i, bytes), panel, cols, at(scores, i * BLOCK + j), BLOCK << 2, one, false, false);
    }
  }
}

/** Overwrites the scores of a user's excluded items; `cursor` holds the position of the first not yet passed. */
// @ts-ignore: decorator
@inline
export function maskExcluded(row: usize, first: i32, count: i32, excluded: usize, end: i32, cursor: usize, mark: f32): void {
  let e = load<i32>(cursor);
  for (; e < end; e++) {
    const item = idAt(excluded, e) - first;
    if (item >= count) break;
    if (item >= 0) store<f32>(at(row, item), mark);
  }
  store<i32>(cursor, e);
}
