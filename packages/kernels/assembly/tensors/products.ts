import { multiplyPacked } from "../gemm";
import { pack4, pack8 } from "../pack";
import { at } from "../simd";

// The product of `../gemm` with blocks of the same sizes, on one thread and without factors.
const DEPTH = 256;
const HEIGHT = 128;
const WIDTH = 2048;
const TILE_BYTES = 128;

/**
 * c [m, n] = op(a) op(b), k numbers to a sum; rows of a and b are `lda` and `ldb` numbers apart, rows of c touch. With
 * `symmetric`, op(b) is op(a) transposed: only the upper half is computed, then mirrored.
 */
export function matMul(
  m: i32, n: i32, k: i32, a: usize, lda: i32, transA: bool, b: usize, ldb: i32, transB: bool, c: usize,
  symmetric: bool, scratch: usize,
): void {
  const rowA = <usize>lda << 2;
  const rowB = <usize>ldb << 2;
  const rowC = <usize>n << 2;
  if (k == 0) {
    memory.fill(c, 0, <usize>m * rowC);
    return;
  }
  const packedA = scratch + TILE_BYTES;
  const packedB = packedA + (<usize>(min(HEIGHT, (m + 3) & ~3) * min(DEPTH, k)) << 2);
  for (let j = 0; j < n; j += WIDTH) {
    const cols = min(WIDTH, n - j);
    for (let p = 0; p < k; p += DEPTH) {
      const depth = min(DEPTH, k - p);
      pack8(transB ? at(b, p) + <usize>j * rowB : at(b, j) + <usize>p * rowB, rowB, transB, cols, depth, packedB);
      for (let i = 0; i < m && !(symmetric && i >= j + cols); i += HEIGHT) {
        const rows = min(HEIGHT, m - i);
        pack4(transA ? at(a, i) + <usize>p * rowA : at(a, p) + <usize>i * rowA, rowA, !transA, rows, depth, packedA);
        const corner = at(c, j) + <usize>i * rowC;
        if (symmetric) upperTiles(packedA, packedB, rows, cols, depth, corner, rowC, p > 0, scratch, j - i);
        else multiplyPacked(packedA, packedB, rows, cols, depth, corner, rowC, 1, p > 0, scratch);
      }
    }
  }
  if (symmetric) mirror(c, n);
}

/** Tiles of a block that reach the diagonal or stand right of it; column 0 of the block is `ahead` columns right of row 0. */
function upperTiles(
  a: usize, b: usize, rows: i32, cols: i32, depth: i32, c: usize, rowC: usize, add: bool, temp: usize, ahead: i32,
): void {
  for (let j = 0; j < cols; j += 8) {
    const reached = min(rows, ahead + j + 8);
    if (reached <= 0) continue;
    multiplyPacked(
      a, b + (<usize>j * <usize>depth << 2), reached, min(8, cols - j), depth, at(c, j), rowC, 1, add, temp,
    );
  }
}

/** Copies the upper half to the lower one, in blocks that stay in the cache. */
function mirror(c: usize, n: i32): void {
  const row = <usize>n << 2;
  for (let i = 0; i < n; i += 32) {
    const rows = min(n, i + 32);
    for (let j = 0; j < i; j += 32) {
      let r = i;
      for (; r + 4 <= rows; r += 4) {
        for (let q = j; q < j + 32; q += 4) square4(at(c, r) + <usize>q * row, row, at(c, q) + <usize>r * row, row);
      }
      for (; r < rows; r++) {
        for (let q = j; q < j + 32; q++) store<f32>(at(c, q) + <usize>r * row, load<f32>(at(c, r) + <usize>q * row));
      }
    }
    for (let r = i; r < rows; r++) {
      for (let q = i; q < r; q++) store<f32>(at(c, q) + <usize>r * row, load<f32>(at(c, r) + <usize>q * row));
    }
  }
}

/** out [cols, rows] = x^T for each of `n` matrices x [rows, cols]. */
export function transpose(x: usize, n: i32, rows: i32, cols: i32, out: usize): void {
  const size = (<usize>rows * <usize>cols) << 2;
  for (; n > 0; n--, x += size, out += size) {
    // Eight columns at a time: rows of the result are then written half a cache line at a time.
    for (let c = 0; c < cols; c += 8) {
      const stop = min(cols, c + 8);
      let r = 0;
      for (; r + 4 <= rows; r += 4) {
        const p = x + (<usize>r * <usize>cols << 2);
        let q = c;
        for (; q + 4 <= stop; q += 4) {
          square4(at(p, q), <usize>cols << 2, out + ((<usize>q * <usize>rows + r) << 2), <usize>rows << 2);
        }
        for (; q < stop; q++) {
          for (let s = 0; s < 4; s++) {
            store<f32>(out + ((<usize>q * <usize>rows + r + s) << 2), load<f32>(at(p, q) + (<usize>s * <usize>cols << 2)));
          }
        }
      }
      for (; r < rows; r++) {
        for (let q = c; q < stop; q++) {
          store<f32>(out + ((<usize>q * <usize>rows + r) << 2), load<f32>(x + ((<usize>r * <usize>cols + q) << 2)));
        }
      }
    }
  }
}

/** Four rows of four numbers, `from` bytes apart, to columns. */
// @ts-ignore: decorator
@inline
function square4(x: usize, from: usize, out: usize, to: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + from);
  const c = v128.load(x + 2 * from);
  const d = v128.load(x + 3 * from);
  const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(out, i64x2.shuffle(ab0, cd0, 0, 2));
  v128.store(out + to, i64x2.shuffle(ab0, cd0, 1, 3));
  v128.store(out + 2 * to, i64x2.shuffle(ab1, cd1, 0, 2));
  v128.store(out + 3 * to, i64x2.shuffle(ab1, cd1, 1, 3));
}
