import { gatherRows as gatherSome } from "./rows";
import { adam as adamSome } from "./optimisers";
import { idAt, at } from "./simd";
import { gumbelSoftmax as gumbelSome, gumbelSoftmaxGrad as gumbelGradSome } from "./softmax";
import { spmm as spmmSome } from "./spmm";
import { fork, MOST_CHUNKS, sharers, TASK } from "./team";

// Kernels whose rows (or numbers) do not depend on each other, shared by ranges of them: every range is the kernel itself on
// a part of its arrays, so its numbers are computed as in one piece.

/** What a row costs, in multiply-adds: ways through memory count, and an exponential is twenty of them. */
const ADAM: f64 = 14;
const GATHER: f64 = 10;
const GUMBEL: f64 = 70;
const SPARSE: f64 = 2;

/** Rows of a range: a multiple of 16, so that no two threads write to one cache line of whole numbers. */
// @ts-ignore: decorator
@inline
function rangeOf(n: u32, threads: i32): u32 {
  // Up to four for each thread, so that a late one is not waited for.
  const ranges = min(4 * threads, MOST_CHUNKS);
  return ((n + ranges - 1) / ranges + 15) & ~15;
}

// @ts-ignore: decorator
@inline
function share(job: i32, n: u32, threads: i32, work: f64, scratch: usize): void {
  const range = rangeOf(n, threads);
  store<u32>(TASK, n);
  store<u32>(TASK, range, 4);
  fork(job, (n + range - 1) / range, scratch, work, threads);
}

/** First row of a chunk, and how many it has. */
// @ts-ignore: decorator
@inline
function firstOf(chunk: i32): u32 {
  return chunk * load<u32>(TASK, 4);
}

// @ts-ignore: decorator
@inline
function countOf(chunk: i32): u32 {
  return min(load<u32>(TASK, 4), load<u32>(TASK) - firstOf(chunk));
}

export function adam(
  w: usize, g: usize, m: usize, v: usize, n: u32, decoupled: bool, snap: bool,
  rate: f32, beta1: f32, alpha1: f32, beta2: f32, alpha2: f32, correction: f32, eps: f32, decay: f32,
): void {
  const work = <f64>n * ADAM;
  const threads = sharers(work);
  if (threads == 1) {
    adamSome(w, g, m, v, n, decoupled, snap, rate, beta1, alpha1, beta2, alpha2, correction, eps, decay);
    return;
  }
  store<usize>(TASK, w, 8);
  store<usize>(TASK, g, 12);
  store<usize>(TASK, m, 16);
  store<usize>(TASK, v, 20);
  store<i32>(TASK, decoupled, 24);
  store<i32>(TASK, snap, 28);
  store<f32>(TASK, rate, 32);
  store<f32>(TASK, beta1, 36);
  store<f32>(TASK, alpha1, 40);
  store<f32>(TASK, beta2, 44);
  store<f32>(TASK, alpha2, 48);
  store<f32>(TASK, correction, 52);
  store<f32>(TASK, eps, 56);
  store<f32>(TASK, decay, 60);
  share(adamRange.index, n, threads, work, 0);
}

function adamRange(chunk: i32, self: i32, scratch: usize): void {
  const skipped = <usize>firstOf(chunk) << 2;
  adamSome(
    load<usize>(TASK, 8) + skipped, load<usize>(TASK, 12) + skipped, load<usize>(TASK, 16) + skipped,
    load<usize>(TASK, 20) + skipped, countOf(chunk), load<i32>(TASK, 24) != 0, load<i32>(TASK, 28) != 0,
    load<f32>(TASK, 32), load<f32>(TASK, 36), load<f32>(TASK, 40), load<f32>(TASK, 44), load<f32>(TASK, 48),
    load<f32>(TASK, 52), load<f32>(TASK, 56), load<f32>(TASK, 60),
  );
}

export function gatherRows(table: usize, cols: i32, ids: usize, n: i32, out: usize): void {
  const work = <f64>n * <f64>cols * GATHER;
  const threads = sharers(work);
  if (threads == 1) {
    gatherSome(table, cols, ids, n, out);
    return;
  }
  store<usize>(TASK, table, 8);
  store<i32>(TASK, cols, 12);
  store<usize>(TASK, ids, 16);
  store<usize>(TASK, out, 20);
  share(gatherRange.index, n, threads, work, 0);
}

function gatherRange(chunk: i32, self: i32, scratch: usize): void {
  const first = firstOf(chunk);
  const cols = load<i32>(TASK, 12);
  const out = load<usize>(TASK, 20) + (<usize>first * <usize>cols << 2);
  gatherSome(load<usize>(TASK, 8), cols, at(load<usize>(TASK, 16), first), countOf(chunk), out);
}

export function gumbelSoftmax(logits: usize, noise: usize, n: i32, cols: i32, tau: f32, floor: f32, least: f32, z: usize): void {
  const work = <f64>n * <f64>cols * GUMBEL;
  const threads = sharers(work);
  if (threads == 1) {
    gumbelSome(logits, noise, n, cols, tau, floor, least, z);
    return;
  }
  store<usize>(TASK, logits, 8);
  store<usize>(TASK, noise, 12);
  store<i32>(TASK, cols, 16);
  store<f32>(TASK, tau, 20);
  store<f32>(TASK, floor, 24);
  store<f32>(TASK, least, 28);
  store<usize>(TASK, z, 32);
  share(gumbelRange.index, n, threads, work, 0);
}

function gumbelRange(chunk: i32, self: i32, scratch: usize): void {
  const cols = load<i32>(TASK, 16);
  const skipped = <usize>firstOf(chunk) * <usize>cols << 2;
  gumbelSome(
    load<usize>(TASK, 8) + skipped, load<usize>(TASK, 12) + skipped, countOf(chunk), cols, load<f32>(TASK, 20),
    load<f32>(TASK, 24), load<f32>(TASK, 28), load<usize>(TASK, 32) + skipped,
  );
}

export function gumbelSoftmaxGrad(
  logits: usize, z: usize, dz: usize, n: i32, cols: i32, tau: f32, floor: f32, dLogits: usize, scratch: usize,
): void {
  const work = <f64>n * <f64>cols * GUMBEL;
  const threads = sharers(work);
  if (threads == 1) {
    gumbelGradSome(logits, z, dz, n, cols, tau, floor, dLogits, scratch);
    return;
  }
  store<usize>(TASK, logits, 8);
  store<usize>(TASK, z, 12);
  store<usize>(TASK, dz, 16);
  store<i32>(TASK, cols, 20);
  store<f32>(TASK, tau, 24);
  store<f32>(TASK, floor, 28);
  store<usize>(TASK, dLogits, 32);
  share(gumbelGradRange.index, n, threads, work, scratch);
}

function gumbelGradRange(chunk: i32, self: i32, scratch: usize): void {
  const cols = load<i32>(TASK, 20);
  const skipped = <usize>firstOf(chunk) * <usize>cols << 2;
  gumbelGradSome(
    load<usize>(TASK, 8) + skipped, load<usize>(TASK, 12) + skipped, load<usize>(TASK, 16) + skipped, countOf(chunk), cols,
    load<f32>(TASK, 24), load<f32>(TASK, 28), load<usize>(TASK, 32) + skipped, scratch,
  );
}

export function spmm(
  offsets: usize, columns: usize, values: usize, rows: i32, x: usize, cols: i32, out: usize, accumulate: bool,
): void {
  const edges = rows > 0 ? idAt(offsets, rows) - idAt(offsets, 0) : 0;
  const work = <f64>edges * <f64>cols * SPARSE;
  const threads = sharers(work);
  if (threads == 1) {
    spmmSome(offsets, columns, values, rows, x, cols, out, accumulate);
    return;
  }
  store<usize>(TASK, offsets, 8);
  store<usize>(TASK, columns, 12);
  store<usize>(TASK, values, 16);
  store<usize>(TASK, x, 20);
  store<i32>(TASK, cols, 24);
  store<usize>(TASK, out, 28);
  store<i32>(TASK, accumulate, 32);
  share(spmmRange.index, rows, threads, work, 0);
}

function spmmRange(chunk: i32, self: i32, scratch: usize): void {
  const first = firstOf(chunk);
  const cols = load<i32>(TASK, 24);
  const out = load<usize>(TASK, 28) + (<usize>first * <usize>cols << 2);
  // Offsets count from the beginning of the columns, whatever the row.
  spmmSome(
    at(load<usize>(TASK, 8), first), load<usize>(TASK, 12), load<usize>(TASK, 16), countOf(chunk), load<usize>(TASK, 20),
    cols, out, load<i32>(TASK, 32) != 0,
  );
}
