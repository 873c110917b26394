import { pack4, pack8 } from "./pack";
import { at, scaleTo } from "./simd";
import { fork, MOST_CHUNKS, sharers, TASK } from "./team";

// Blocked product after Goto and van de Geijn (2008): a block of B of DEPTH x WIDTH and one of A of HEIGHT x DEPTH are
// packed; a tile of 4 x 8 is summed in registers. HEIGHT x DEPTH stays in the second-level cache, a panel of B (8 x DEPTH)
// in the first. The host's `gemmScratch` mirrors these sizes.
const DEPTH = 256;
const HEIGHT = 128;
const WIDTH = 2048;
const TILE_BYTES = 128;

/**
 * Sum over `depth` of a 4-panel of A times an 8-panel of B; c = alpha * sum, or c += alpha * sum with `add`; alpha is left
 * out where not `scaled`. `ldc` is in bytes.
 */
// @ts-ignore: decorator
@inline
export function tile(a: usize, b: usize, depth: i32, c: usize, ldc: usize, alpha: v128, add: bool, scaled: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (const end = b + (<usize>depth << 5); b < end; b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x0, b0));
    c01 = f32x4.add(c01, f32x4.mul(x0, b1));
    const x1 = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(x1, b0));
    c11 = f32x4.add(c11, f32x4.mul(x1, b1));
    const x2 = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(x2, b0));
    c21 = f32x4.add(c21, f32x4.mul(x2, b1));
    const x3 = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(x3, b0));
    c31 = f32x4.add(c31, f32x4.mul(x3, b1));
    a += 16;
  }
  putRow(c, c00, c01, alpha, add, scaled);
  putRow(c + ldc, c10, c11, alpha, add, scaled);
  putRow(c + 2 * ldc, c20, c21, alpha, add, scaled);
  putRow(c + 3 * ldc, c30, c31, alpha, add, scaled);
}

// @ts-ignore: decorator
@inline
function putRow(c: usize, left: v128, right: v128, alpha: v128, add: bool, scaled: bool): void {
  if (scaled) {
    left = f32x4.mul(alpha, left);
    right = f32x4.mul(alpha, right);
  }
  if (add) {
    left = f32x4.add(v128.load(c), left);
    right = f32x4.add(v128.load(c, 16), right);
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}

/** A tile that reaches over the border of c: summed into `temp`, then its valid part is copied. */
function borderTile(
  a: usize, b: usize, depth: i32, c: usize, ldc: usize, alpha: v128, add: bool, rows: i32, cols: i32, temp: usize,
): void {
  tile(a, b, depth, temp, 32, alpha, false, true);
  for (let r = 0; r < rows; r++) {
    for (let q = 0; q < cols; q++) {
      const x = load<f32>(at(temp, q));
      store<f32>(at(c, q), add ? load<f32>(at(c, q)) + x : x);
    }
    temp += 32;
    c += ldc;
  }
}

/** Packed blocks a [rows, depth] and b [depth, cols] into c. */
export function multiplyPacked(
  a: usize, b: usize, rows: i32, cols: i32, depth: i32, c: usize, ldc: usize, alpha: f32, add: bool, temp: usize,
): void {
  const scale = f32x4.splat(alpha);
  const panelBytes = <usize>depth << 4;
  for (let j = 0; j < cols; j += 8) {
    const panel = b + (<usize>j * <usize>depth << 2);
    const left = cols - j;
    const out = at(c, j);
    for (let i = 0; i < rows; i += 4) {
      const rowsPanel = a + <usize>(i >> 2) * panelBytes;
      const corner = out + <usize>i * ldc;
      if (left >= 8 && rows - i >= 4) tile(rowsPanel, panel, depth, corner, ldc, scale, add, true);
      else borderTile(rowsPanel, panel, depth, corner, ldc, scale, add, min(4, rows - i), min(8, left), temp);
    }
  }
}

// @ts-ignore: decorator
@inline
function scaleC(c: usize, ldc: usize, m: i32, n: i32, beta: f32): void {
  if (beta == 1) return;
  for (let i = 0; i < m; i++) {
    const row = c + <usize>i * ldc;
    // beta = 0 must clear what is not a number, too.
    if (beta == 0) memory.fill(row, 0, <usize>n << 2);
    else scaleTo(row, row, f32x4.splat(beta), <usize>n << 2);
  }
}

function product(
  m: i32, n: i32, k: i32, a: usize, lda: i32, transA: bool, b: usize, ldb: i32, transB: bool, c: usize, ldc: i32,
  alpha: f32, beta: f32, scratch: usize,
): void {
  const rowA = <usize>lda << 2;
  const rowB = <usize>ldb << 2;
  const rowC = <usize>ldc << 2;
  if (k == 0 || alpha == 0) {
    scaleC(c, rowC, m, n, beta);
    return;
  }
  if (beta != 0) scaleC(c, rowC, m, n, beta);
  const packedA = scratch + TILE_BYTES;
  const packedB = packedA + (<usize>(min(HEIGHT, (m + 3) & ~3) * min(DEPTH, k)) << 2);
  for (let j = 0; j < n; j += WIDTH) {
    const cols = min(WIDTH, n - j);
    for (let p = 0; p < k; p += DEPTH) {
      const depth = min(DEPTH, k - p);
      const add = beta != 0 || p > 0;
      pack8(transB ? at(b, p) + <usize>j * rowB : at(b, j) + <usize>p * rowB, rowB, transB, cols, depth, packedB);
      for (let i = 0; i < m; i += HEIGHT) {
        const rows = min(HEIGHT, m - i);
        pack4(transA ? at(a, i) + <usize>p * rowA : at(a, p) + <usize>i * rowA, rowA, !transA, rows, depth, packedA);
        multiplyPacked(packedA, packedB, rows, cols, depth, at(c, j) + <usize>i * rowC, rowC, alpha, add, scratch);
      }
    }
  }
}

/** Multiply-adds from which on helpers that are awake are asked: twenty times what a fork and a join cost. */
const SHARED_FROM: f64 = 400000;
/** What packing a number costs, and what a chunk costs by itself, in multiply-adds. */
const PACKING: f64 = 15;
const CHUNK_COST: f64 = 5000;

/**
 * c = alpha * op(a) op(b) + beta * c; leading dimensions in numbers; `scratch` as `gemmScratch` says. Large products are
 * shared by rows or columns of c, never along k: each number of c is summed as in one piece.
 */
export function gemm(
  m: i32, n: i32, k: i32, a: usize, lda: i32, transA: bool, b: usize, ldb: i32, transB: bool, c: usize, ldc: i32,
  alpha: f32, beta: f32, scratch: usize,
): void {
  const work = <f64>m * <f64>n * <f64>k;
  const threads = work < SHARED_FROM ? 1 : sharers(work);
  if (threads == 1) {
    product(m, n, k, a, lda, transA, b, ldb, transB, c, ldc, alpha, beta, scratch);
    return;
  }
  const byRows = m >= n;
  const long = byRows ? m : n;
  const size = chunkSize(long, work / <f64>long, <f64>k * <f64>(byRows ? n : m), threads);
  store<i32>(TASK, m, 0);
  store<i32>(TASK, n, 4);
  store<i32>(TASK, k, 8);
  store<usize>(TASK, a, 12);
  store<i32>(TASK, lda, 16);
  store<i32>(TASK, transA, 20);
  store<usize>(TASK, b, 24);
  store<i32>(TASK, ldb, 28);
  store<i32>(TASK, transB, 32);
  store<usize>(TASK, c, 36);
  store<i32>(TASK, ldc, 40);
  store<f32>(TASK, alpha, 44);
  store<f32>(TASK, beta, 48);
  store<i32>(TASK, byRows, 52);
  store<i32>(TASK, size, 56);
  fork(productChunk.index, (long + size - 1) / size, scratch, work, threads);
}

/**
 * Rows or columns of a chunk, a multiple of 8: one chunk for each thread packs least; four for each share the work evenly
 * where one thread is late. `each`: multiply-adds of a row or column; `packed`: numbers that every chunk packs anew.
 */
function chunkSize(long: i32, each: f64, packed: f64, threads: i32): i32 {
  let best = long;
  let least: f64 = Infinity;
  for (let rounds = 1; rounds <= 4 && rounds * threads <= MOST_CHUNKS; rounds <<= 1) {
    const count = rounds * threads;
    const size = ((long + count - 1) / count + 7) & ~7;
    // On the average a third of a chunk is waited for at the end.
    const cost = (<f64>rounds + 0.3) * (<f64>size * each + PACKING * packed + CHUNK_COST);
    if (cost >= least) continue;
    least = cost;
    best = size;
  }
  return best;
}

function productChunk(chunk: i32, self: i32, scratch: usize): void {
  const lda = load<i32>(TASK, 16);
  const transA = load<i32>(TASK, 20) != 0;
  const ldb = load<i32>(TASK, 28);
  const transB = load<i32>(TASK, 32) != 0;
  const ldc = load<i32>(TASK, 40);
  const byRows = load<i32>(TASK, 52) != 0;
  const size = load<i32>(TASK, 56);
  const from = chunk * size;
  let m = load<i32>(TASK, 0);
  let n = load<i32>(TASK, 4);
  let a = load<usize>(TASK, 12);
  let b = load<usize>(TASK, 24);
  let c = load<usize>(TASK, 36);
  if (byRows) {
    m = min(size, m - from);
    a += (transA ? <usize>from : <usize>from * <usize>lda) << 2;
    c += <usize>from * <usize>ldc << 2;
  } else {
    n = min(size, n - from);
    b += (transB ? <usize>from * <usize>ldb : <usize>from) << 2;
    c += <usize>from << 2;
  }
  product(
    m, n, load<i32>(TASK, 8), a, lda, transA, b, ldb, transB, c, ldc, load<f32>(TASK, 44), load<f32>(TASK, 48), scratch,
  );
}
