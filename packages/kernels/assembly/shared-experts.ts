import { expertGrad, gatedUnits, gather, mixExperts as mixAlone, mixExpertsGrad as mixGradAlone } from "./experts";
import { gemm } from "./gemm";
import { at, axpy, idAt, rowAt } from "./simd";
import { fork, HELPER_SCRATCH, MOST_CHUNKS, seats, sharers, TASK } from "./team";

// Mixtures of experts on several threads. Forward, a thread takes rows, through all experts. Where few rows chose each expert,
// at a small temperature, ranges of rows would leave too little of each: there, and in the backward pass, whose gradients of
// weights are sums over all rows, a thread takes whole experts. What an expert adds to a row then waits until all are done and is
// added in the order of experts, as `experts.ts` does.

/** A product's inner dimension is summed in one piece up to here (DEPTH of `gemm.ts`); beyond, the order of additions differs. */
const ONE_PIECE = 256;

/** Lists the rows of each expert, ascending; `starts` [experts + 1]. Returns their number, or -1 where there are more than `most`. */
function listRows(z: usize, n: i32, experts: i32, starts: usize, rows: usize, most: i32): i32 {
  memory.fill(starts, 0, <usize>(experts + 1) << 2);
  let total = 0;
  for (let r = 0; r < n; r++) {
    for (let m = 0; m < experts; m++) {
      if (load<f32>(at(z, r * experts + m)) == 0) continue;
      store<i32>(at(starts, m + 1), idAt(starts, m + 1) + 1);
      total++;
    }
    if (total > most) return -1;
  }
  for (let m = 1; m <= experts; m++) store<i32>(at(starts, m), idAt(starts, m) + idAt(starts, m - 1));
  for (let r = 0; r < n; r++) {
    for (let m = 0; m < experts; m++) {
      if (load<f32>(at(z, r * experts + m)) == 0) continue;
      const next = idAt(starts, m);
      store<i32>(at(rows, next), r);
      store<i32>(at(starts, m), next + 1);
    }
  }
  // Each start has moved to its end, where the next one began.
  for (let m = experts; m > 0; m--) store<i32>(at(starts, m), idAt(starts, m - 1));
  store<i32>(starts, 0);
  return total;
}

/** Multiply-adds for rows that chose one expert each. */
// @ts-ignore: decorator
@inline
function workOf(rows: i32, inCols: i32, hidden: i32, outCols: i32): f64 {
  return <f64>rows * <f64>hidden * <f64>(inCols + outCols);
}

/** Numbers of one thread's temporaries: rows, inputs, units and outputs of an expert, inputs and units twice. */
// @ts-ignore: decorator
@inline
function slotSize(n: i32, inCols: i32, hidden: i32, outCols: i32): i32 {
  return n * (1 + 2 * inCols + 2 * hidden + outCols);
}

/** What both passes tell their chunks. */
function storeTask(
  n: i32, experts: i32, input: usize, inCols: i32, hidden: i32, outCols: i32, z: usize, w1: usize, b1: usize, w2: usize,
  b2: usize, starts: usize, rows: usize, waiting: usize, slots: usize,
): void {
  store<i32>(TASK, n, 0);
  store<i32>(TASK, experts, 4);
  store<usize>(TASK, input, 8);
  store<i32>(TASK, inCols, 12);
  store<i32>(TASK, hidden, 16);
  store<i32>(TASK, outCols, 20);
  store<usize>(TASK, z, 24);
  store<usize>(TASK, w1, 28);
  store<usize>(TASK, b1, 32);
  store<usize>(TASK, w2, 36);
  store<usize>(TASK, b2, 40);
  store<usize>(TASK, starts, 44);
  store<usize>(TASK, rows, 48);
  store<usize>(TASK, waiting, 52);
  store<usize>(TASK, slots, 56);
}

/**
 * As in `experts.ts`. Of all experts together `rowRoom` rows can wait, at least 2 n; 0 to share nothing. The scratch is laid out
 * by the host's `expertsPlan`.
 */
export function mixExperts(
  n: i32, experts: i32, input: usize, inCols: i32, hidden: i32, outCols: i32, z: usize,
  w1: usize, b1: usize, w2: usize, b2: usize, out: usize, rowRoom: i32, scratch: usize,
): void {
  const slots = scratch + HELPER_SCRATCH;
  const work = workOf(n, inCols, hidden, outCols);
  const threads = rowRoom > 0 && hidden <= ONE_PIECE ? sharers(work) : 1;
  if (threads == 1) {
    mixAlone(n, experts, input, inCols, hidden, outCols, z, w1, b1, w2, b2, out, slots, scratch);
    return;
  }
  const starts = at(slots, seats() * slotSize(n, inCols, hidden, outCols));
  const rows = at(starts, experts + 1);
  const waiting = at(rows, rowRoom);
  const total = listRows(z, n, experts, starts, rows, 2 * n);
  if (total >= 0) gemm(n, outCols, experts, z, experts, false, b2, outCols, false, out, outCols, 1, 0, scratch);
  storeTask(n, experts, input, inCols, hidden, outCols, z, w1, b1, w2, b2, starts, rows, waiting, slots);
  if (total < 0) {
    const ranges = min(4 * threads, MOST_CHUNKS);
    const range = ((n + ranges - 1) / ranges + 3) & ~3;
    store<usize>(TASK, out, 60);
    store<i32>(TASK, range, 64);
    fork(someRows.index, (n + range - 1) / range, scratch, work, threads);
    return;
  }
  fork(someExperts.index, chunksOf(experts), scratch, work, threads);
  addRows(out, outCols, rows, total, waiting);
}

/** Experts stand one after the other, so their rows are added in their order. */
function addRows(table: usize, cols: i32, rows: usize, count: i32, values: usize): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < count; r++) {
    axpy(rowAt(table, idAt(rows, r), bytes), rowAt(values, r, bytes), f32x4.splat(1), bytes);
  }
}

function someRows(chunk: i32, self: i32, scratch: usize): void {
  const n = load<i32>(TASK, 0);
  const experts = load<i32>(TASK, 4);
  const inCols = load<i32>(TASK, 12);
  const hidden = load<i32>(TASK, 16);
  const outCols = load<i32>(TASK, 20);
  const range = load<i32>(TASK, 64);
  const first = chunk * range;
  const slot = at(load<usize>(TASK, 56), self * slotSize(n, inCols, hidden, outCols));
  mixAlone(
    min(range, n - first), experts, at(load<usize>(TASK, 8), first * inCols), inCols, hidden, outCols,
    at(load<usize>(TASK, 24), first * experts), load<usize>(TASK, 28), load<usize>(TASK, 32), load<usize>(TASK, 36),
    load<usize>(TASK, 40), at(load<usize>(TASK, 60), first * outCols), slot, scratch,
  );
}

/** Experts of a chunk: one, where there are no more than chunks. */
// @ts-ignore: decorator
@inline
function expertsEach(experts: i32): i32 {
  return (experts + MOST_CHUNKS - 1) / MOST_CHUNKS;
}

// @ts-ignore: decorator
@inline
function chunksOf(experts: i32): i32 {
  return (experts + expertsEach(experts) - 1) / expertsEach(experts);
}

function someExperts(chunk: i32, self: i32, scratch: usize): void {
  const experts = load<i32>(TASK, 4);
  const each = expertsEach(experts);
  for (let m = chunk * each, end = min(experts, m + each); m < end; m++) oneExpert(m, self, scratch);
}

function someExpertsGrad(chunk: i32, self: i32, scratch: usize): void {
  const experts = load<i32>(TASK, 4);
  const each = expertsEach(experts);
  for (let m = chunk * each, end = min(experts, m + each); m < end; m++) oneExpertGrad(m, self, scratch);
}

function oneExpert(m: i32, self: i32, scratch: usize): void {
  const n = load<i32>(TASK, 0);
  const inCols = load<i32>(TASK, 12);
  const hidden = load<i32>(TASK, 16);
  const outCols = load<i32>(TASK, 20);
  const from = idAt(load<usize>(TASK, 44), m);
  const count = idAt(load<usize>(TASK, 44), m + 1) - from;
  if (count == 0) return;
  const rows = at(load<usize>(TASK, 48), from);
  const inputs = at(load<usize>(TASK, 56), self * slotSize(n, inCols, hidden, outCols));
  const units = at(inputs, n * inCols);
  const x = gather(load<usize>(TASK, 8), inCols, rows, count, n, inputs);
  gatedUnits(
    x, rows, count, inCols, hidden, load<usize>(TASK, 24), load<i32>(TASK, 4), m,
    at(load<usize>(TASK, 28), m * inCols * hidden), at(load<usize>(TASK, 32), m * hidden), units, scratch,
  );
  const second = at(load<usize>(TASK, 36), m * hidden * outCols);
  const outputs = at(load<usize>(TASK, 52), from * outCols);
  gemm(count, outCols, hidden, units, hidden, false, second, outCols, false, outputs, outCols, 1, 0, scratch);
}

/** As in `experts.ts`; `rowRoom` as for {@link mixExperts}. */
export function mixExpertsGrad(
  n: i32, experts: i32, input: usize, inCols: i32, hidden: i32, outCols: i32, z: usize,
  w1: usize, b1: usize, w2: usize, b2: usize, dOut: usize,
  dInput: usize, dz: usize, dW1: usize, dB1: usize, dW2: usize, dB2: usize, rowRoom: i32, scratch: usize,
): void {
  const slots = scratch + HELPER_SCRATCH;
  const work = 3 * workOf(n, inCols, hidden, outCols);
  const threads = rowRoom > 0 && hidden <= ONE_PIECE ? sharers(work) : 1;
  const starts = at(slots, seats() * slotSize(n, inCols, hidden, outCols));
  const rows = at(starts, experts + 1);
  const waiting = at(rows, rowRoom);
  const total = threads > 1 ? listRows(z, n, experts, starts, rows, rowRoom) : -1;
  if (total < 0) {
    mixGradAlone(
      n, experts, input, inCols, hidden, outCols, z, w1, b1, w2, b2, dOut, dInput, dz, dW1, dB1, dW2, dB2, slots, scratch,
    );
    return;
  }
  memory.fill(dInput, 0, <usize>(n * inCols) << 2);
  memory.fill(dz, 0, <usize>(n * experts) << 2);
  gemm(experts, outCols, n, z, experts, true, dOut, outCols, false, dB2, outCols, 1, 1, scratch);
  storeTask(n, experts, input, inCols, hidden, outCols, z, w1, b1, w2, b2, starts, rows, waiting, slots);
  store<usize>(TASK, dOut, 60);
  store<usize>(TASK, dz, 64);
  store<usize>(TASK, dW1, 68);
  store<usize>(TASK, dB1, 72);
  store<usize>(TASK, dW2, 76);
  fork(someExpertsGrad.index, chunksOf(experts), scratch, work, threads);
  addRows(dInput, inCols, rows, total, waiting);
}

function oneExpertGrad(m: i32, self: i32, scratch: usize): void {
  const n = load<i32>(TASK, 0);
  const inCols = load<i32>(TASK, 12);
  const hidden = load<i32>(TASK, 16);
  const outCols = load<i32>(TASK, 20);
  const from = idAt(load<usize>(TASK, 44), m);
  const count = idAt(load<usize>(TASK, 44), m + 1) - from;
  if (count == 0) return;
  const rows = at(load<usize>(TASK, 48), from);
  const inputs = at(load<usize>(TASK, 56), self * slotSize(n, inCols, hidden, outCols));
  const outputs = at(inputs, n * inCols);
  const units = at(outputs, n * outCols);
  const dUnits = at(units, n * hidden);
  const first = at(load<usize>(TASK, 28), m * inCols * hidden);
  const x = gather(load<usize>(TASK, 8), inCols, rows, count, n, inputs);
  const d = gather(load<usize>(TASK, 60), outCols, rows, count, n, outputs);
  expertGrad(
    x, d, rows, count, inCols, hidden, outCols, load<usize>(TASK, 24), load<i32>(TASK, 4), m, first,
    at(load<usize>(TASK, 32), m * hidden), at(load<usize>(TASK, 36), m * hidden * outCols),
    at(load<usize>(TASK, 40), m * outCols), units, dUnits, load<usize>(TASK, 64),
    at(load<usize>(TASK, 68), m * inCols * hidden), at(load<usize>(TASK, 72), m * hidden),
    at(load<usize>(TASK, 76), m * hidden * outCols), scratch,
  );
  const dInputs = at(load<usize>(TASK, 52), from * inCols);
  gemm(count, inCols, hidden, dUnits, hidden, false, first, hidden, true, dInputs, inCols, 1, 0, scratch);
}
