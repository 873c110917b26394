import { expertGrad, gatedUnits, gather, mixExperts as mixAlone, mixExpertsGrad as mixGradAlone } from "./experts";
import { gemm } from "./gemm";
import { at, axpy, idAt, rowAt } from "./simd";
import { fork, sharers, TASK } from "./team";

// Mixtures in which few rows chose each expert, at a small temperature: their products are too small to be shared one by one,
// so threads take whole experts. What an expert adds to a row waits until all are done and is then added in the order of
// experts, as `experts.ts` does. Where rows chose many experts the products there are large, and are shared themselves.

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

// @ts-ignore: decorator
@inline
function workOf(rows: i32, inCols: i32, hidden: i32, outCols: i32): f64 {
  return <f64>rows * <f64>hidden * <f64>(inCols + outCols);
}

/** As in `experts.ts`; the scratch holds what `rowRoom` rows of all experts together need, 0 to share nothing. */
export function mixExperts(
  n: i32, experts: i32, input: usize, inCols: i32, hidden: i32, outCols: i32, z: usize,
  w1: usize, b1: usize, w2: usize, b2: usize, out: usize, rowRoom: i32, scratch: usize,
): void {
  const starts = scratch;
  const rows = at(starts, experts + 1);
  const work = workOf(n, inCols, hidden, outCols);
  const shared = rowRoom > 0 && hidden <= ONE_PIECE && sharers(work) > 1;
  const total = shared ? listRows(z, n, experts, starts, rows, rowRoom) : -1;
  if (total < 0) {
    mixAlone(n, experts, input, inCols, hidden, outCols, z, w1, b1, w2, b2, out, scratch);
    return;
  }
  const inputs = at(rows, total);
  const units = at(inputs, total * inCols);
  const outputs = at(units, total * hidden);
  const room = at(outputs, total * outCols);
  gemm(n, outCols, experts, z, experts, false, b2, outCols, false, out, outCols, 1, 0, room);
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
  store<usize>(TASK, starts, 40);
  store<usize>(TASK, inputs, 44);
  store<usize>(TASK, units, 48);
  store<usize>(TASK, outputs, 52);
  fork(oneExpert.index, experts, room, work);
  addRows(out, outCols, rows, total, outputs);
}

/** Experts stand one after the other, so their rows are added in their order. */
function addRows(table: usize, cols: i32, rows: usize, count: i32, values: usize): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < count; r++) {
    axpy(rowAt(table, idAt(rows, r), bytes), rowAt(values, r, bytes), f32x4.splat(1), bytes);
  }
}

function oneExpert(m: i32, scratch: usize): void {
  const n = load<i32>(TASK, 0);
  const experts = load<i32>(TASK, 4);
  const inCols = load<i32>(TASK, 12);
  const hidden = load<i32>(TASK, 16);
  const outCols = load<i32>(TASK, 20);
  const starts = load<usize>(TASK, 40);
  const from = idAt(starts, m);
  const count = idAt(starts, m + 1) - from;
  if (count == 0) return;
  const rows = at(starts, experts + 1 + from);
  const units = at(load<usize>(TASK, 48), from * hidden);
  const outputs = at(load<usize>(TASK, 52), from * outCols);
  const first = at(load<usize>(TASK, 28), m * inCols * hidden);
  const second = at(load<usize>(TASK, 36), m * hidden * outCols);
  const x = gather(load<usize>(TASK, 8), inCols, rows, count, n, at(load<usize>(TASK, 44), from * inCols));
  const bias = at(load<usize>(TASK, 32), m * hidden);
  gatedUnits(x, rows, count, inCols, hidden, load<usize>(TASK, 24), experts, m, first, bias, units, scratch);
  gemm(count, outCols, hidden, units, hidden, false, second, outCols, false, outputs, outCols, 1, 0, scratch);
}

/** As in `experts.ts`; `rowRoom` as for {@link mixExperts}. */
export function mixExpertsGrad(
  n: i32, experts: i32, input: usize, inCols: i32, hidden: i32, outCols: i32, z: usize,
  w1: usize, b1: usize, w2: usize, b2: usize, dOut: usize,
  dInput: usize, dz: usize, dW1: usize, dB1: usize, dW2: usize, dB2: usize, rowRoom: i32, scratch: usize,
): void {
  const starts = scratch;
  const rows = at(starts, experts + 1);
  const work = 3 * workOf(n, inCols, hidden, outCols);
  const shared = rowRoom > 0 && hidden <= ONE_PIECE && sharers(work) > 1;
  const total = shared ? listRows(z, n, experts, starts, rows, rowRoom) : -1;
  if (total < 0) {
    mixGradAlone(
      n, experts, input, inCols, hidden, outCols, z, w1, b1, w2, b2, dOut, dInput, dz, dW1, dB1, dW2, dB2, scratch,
    );
    return;
  }
  const inputs = at(rows, total);
  const dInputs = at(inputs, total * inCols);
  const units = at(dInputs, total * inCols);
  const dUnits = at(units, total * hidden);
  const outputs = at(dUnits, total * hidden);
  const room = at(outputs, total * outCols);
  memory.fill(dInput, 0, <usize>(n * inCols) << 2);
  memory.fill(dz, 0, <usize>(n * experts) << 2);
  gemm(experts, outCols, n, z, experts, true, dOut, outCols, false, dB2, outCols, 1, 1, room);
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
  store<usize>(TASK, starts, 40);
  store<usize>(TASK, inputs, 44);
  store<usize>(TASK, units, 48);
  store<usize>(TASK, outputs, 52);
  store<usize>(TASK, b2, 56);
  store<usize>(TASK, dOut, 60);
  store<usize>(TASK, dInputs, 64);
  store<usize>(TASK, dUnits, 68);
  store<usize>(TASK, dz, 72);
  store<usize>(TASK, dW1, 76);
  store<usize>(TASK, dB1, 80);
  store<usize>(TASK, dW2, 84);
  fork(oneExpertGrad.index, experts, room, work);
  addRows(dInput, inCols, rows, total, dInputs);
}

function oneExpertGrad(m: i32, scratch: usize): void {
  const n = load<i32>(TASK, 0);
  const experts = load<i32>(TASK, 4);
  const inCols = load<i32>(TASK, 12);
  const hidden = load<i32>(TASK, 16);
  const outCols = load<i32>(TASK, 20);
  const starts = load<usize>(TASK, 40);
  const from = idAt(starts, m);
  const count = idAt(starts, m + 1) - from;
  if (count == 0) return;
  const rows = at(starts, experts + 1 + from);
  const units = at(load<usize>(TASK, 48), from * hidden);
  const dUnits = at(load<usize>(TASK, 68), from * hidden);
  const dInputs = at(load<usize>(TASK, 64), from * inCols);
  const first = at(load<usize>(TASK, 28), m * inCols * hidden);
  const x = gather(load<usize>(TASK, 8), inCols, rows, count, n, at(load<usize>(TASK, 44), from * inCols));
  const d = gather(load<usize>(TASK, 60), outCols, rows, count, n, at(load<usize>(TASK, 52), from * outCols));
  expertGrad(
    x, d, rows, count, inCols, hidden, outCols, load<usize>(TASK, 24), experts, m, first, at(load<usize>(TASK, 32), m * hidden),
    at(load<usize>(TASK, 36), m * hidden * outCols), at(load<usize>(TASK, 56), m * outCols), units, dUnits,
    load<usize>(TASK, 72), at(load<usize>(TASK, 76), m * inCols * hidden), at(load<usize>(TASK, 80), m * hidden),
    at(load<usize>(TASK, 84), m * hidden * outCols), scratch,
  );
  gemm(count, inCols, hidden, dUnits, hidden, false, first, hidden, true, dInputs, inCols, 1, 0, scratch);
}
