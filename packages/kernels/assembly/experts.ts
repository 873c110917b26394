import { gemm } from "./gemm";
import { addBias, addBiasGrad } from "./layers";
import { at, axpy, copyRow, dot, idAt, rowAt, scaleTo } from "./simd";

// Mixtures of experts: sum over m of z_em (relu(s_e W1_m + b1_m) W2_m + b2_m). Each expert runs on the rows whose gate is
// not 0, gathered; where it has them all, nothing is gathered. Hidden units are computed again in the backward pass: that
// is a tenth of the work, and storing them for all experts would cost more.

const RELU = 1;

/** Rows of which expert `m` has a share; returns their number. */
function activeRows(z: usize, n: i32, experts: i32, m: i32, rows: usize): i32 {
  let count = 0;
  for (let r = 0; r < n; r++) {
    if (load<f32>(at(z, r * experts + m)) == 0) continue;
    store<i32>(at(rows, count++), r);
  }
  return count;
}

export function gather(x: usize, cols: i32, rows: usize, count: i32, n: i32, room: usize): usize {
  if (count == n) return x;
  const bytes = <usize>cols << 2;
  for (let r = 0; r < count; r++) copyRow(rowAt(room, r, bytes), rowAt(x, idAt(rows, r), bytes), bytes);
  return room;
}

/** units = relu(x W1 + b1) of one expert. */
function unitsOf(x: usize, count: i32, inCols: i32, hidden: i32, w1: usize, b1: usize, units: usize, room: usize): void {
  gemm(count, hidden, inCols, x, inCols, false, w1, hidden, false, units, hidden, 1, 0, room);
  addBias(units, b1, count, hidden, RELU);
}

/** Units of the listed rows, each times its gate: what the second layer of expert `m` is given. */
export function gatedUnits(
  x: usize, rows: usize, count: i32, inCols: i32, hidden: i32, z: usize, experts: i32, m: i32, w1: usize, b1: usize,
  units: usize, room: usize,
): void {
  unitsOf(x, count, inCols, hidden, w1, b1, units, room);
  scaleByGate(units, hidden, z, experts, m, rows, count);
}

/**
 * Gradients of the gates and weights of expert `m`, from its inputs `x` and the gradients `d` of its outputs; `bias` is that of
 * its second layer. Leaves the gradient of its units in `dUnits`.
 */
export function expertGrad(
  x: usize, d: usize, rows: usize, count: i32, inCols: i32, hidden: i32, outCols: i32, z: usize, experts: i32, m: i32,
  w1: usize, b1: usize, w2: usize, bias: usize, units: usize, dUnits: usize, dz: usize, dW1: usize, dB1: usize, dW2: usize,
  room: usize,
): void {
  const unitBytes = <usize>hidden << 2;
  const outBytes = <usize>outCols << 2;
  unitsOf(x, count, inCols, hidden, w1, b1, units, room);
  gemm(count, hidden, outCols, d, outCols, false, w2, outCols, true, dUnits, hidden, 1, 0, room);
  for (let r = 0; r < count; r++) {
    const cell = idAt(rows, r) * experts + m;
    const du = rowAt(dUnits, r, unitBytes);
    const slope = dot(rowAt(units, r, unitBytes), du, unitBytes) + dot(rowAt(d, r, outBytes), bias, outBytes);
    store<f32>(at(dz, cell), slope);
    scaleTo(du, du, f32x4.splat(load<f32>(at(z, cell))), unitBytes);
  }
  addBiasGrad(units, dUnits, count, hidden, RELU, dB1);
  scaleByGate(units, hidden, z, experts, m, rows, count);
  gemm(hidden, outCols, count, units, hidden, true, d, outCols, false, dW2, outCols, 1, 1, room);
  gemm(inCols, hidden, count, x, inCols, true, dUnits, hidden, false, dW1, hidden, 1, 1, room);
}

function scaleByGate(units: usize, hidden: i32, z: usize, experts: i32, m: i32, rows: usize, count: i32): void {
  const bytes = <usize>hidden << 2;
  for (let r = 0; r < count; r++) {
    const u = rowAt(units, r, bytes);
    scaleTo(u, u, v128.load32_splat(at(z, idAt(rows, r) * experts + m)), bytes);
  }
}

/** Writes out [n, outCols]. Scratch: rows n, inputs n x inCols, units n x hidden, outputs n x outCols; `room`: a product's. */
export function mixExperts(
  n: i32, experts: i32, input: usize, inCols: i32, hidden: i32, outCols: i32, z: usize,
  w1: usize, b1: usize, w2: usize, b2: usize, out: usize, scratch: usize, room: usize,
): void {
  const rows = scratch;
  const inputs = at(rows, n);
  const units = at(inputs, n * inCols);
  const outputs = at(units, n * hidden);
  const outBytes = <usize>outCols << 2;
  gemm(n, outCols, experts, z, experts, false, b2, outCols, false, out, outCols, 1, 0, room);
  for (let m = 0; m < experts; m++) {
    const count = activeRows(z, n, experts, m, rows);
    if (count == 0) continue;
    const x = gather(input, inCols, rows, count, n, inputs);
    gatedUnits(x, rows, count, inCols, hidden, z, experts, m, at(w1, m * inCols * hidden), at(b1, m * hidden), units, room);
    const second = at(w2, m * hidden * outCols);
    if (count == n) {
      gemm(n, outCols, hidden, units, hidden, false, second, outCols, false, out, outCols, 1, 1, room);
      continue;
    }
    gemm(count, outCols, hidden, units, hidden, false, second, outCols, false, outputs, outCols, 1, 0, room);
    for (let r = 0; r < count; r++) {
      axpy(rowAt(out, idAt(rows, r), outBytes), rowAt(outputs, r, outBytes), f32x4.splat(1), outBytes);
    }
  }
}

/**
 * Gradients for dOut [n, outCols]: writes dInput [n, inCols] and dz [n, experts] (0 where an expert was left out), adds to
 * those of the weights. Scratch as for {@link mixExperts}, with twice the units and inputs.
 */
export function mixExpertsGrad(
  n: i32, experts: i32, input: usize, inCols: i32, hidden: i32, outCols: i32, z: usize,
  w1: usize, b1: usize, w2: usize, b2: usize, dOut: usize,
  dInput: usize, dz: usize, dW1: usize, dB1: usize, dW2: usize, dB2: usize, scratch: usize, room: usize,
): void {
  const rows = scratch;
  const inputs = at(rows, n);
  const dInputs = at(inputs, n * inCols);
  const units = at(dInputs, n * inCols);
  const dUnits = at(units, n * hidden);
  const outputs = at(dUnits, n * hidden);
  const inBytes = <usize>inCols << 2;
  memory.fill(dInput, 0, <usize>n * inBytes);
  memory.fill(dz, 0, <usize>(n * experts) << 2);
  gemm(experts, outCols, n, z, experts, true, dOut, outCols, false, dB2, outCols, 1, 1, room);
  for (let m = 0; m < experts; m++) {
    const count = activeRows(z, n, experts, m, rows);
    if (count == 0) continue;
    const first = at(w1, m * inCols * hidden);
    const second = at(w2, m * hidden * outCols);
    const bias = at(b2, m * outCols);
    const x = gather(input, inCols, rows, count, n, inputs);
    const d = gather(dOut, outCols, rows, count, n, outputs);
    expertGrad(
      x, d, rows, count, inCols, hidden, outCols, z, experts, m, first, at(b1, m * hidden), second, bias, units, dUnits, dz,
      at(dW1, m * inCols * hidden), at(dB1, m * hidden), at(dW2, m * hidden * outCols), room,
    );
    if (count == n) {
      gemm(n, inCols, hidden, dUnits, hidden, false, first, hidden, true, dInput, inCols, 1, 1, room);
      continue;
    }
    gemm(count, inCols, hidden, dUnits, hidden, false, first, hidden, true, dInputs, inCols, 1, 0, room);
    for (let r = 0; r < count; r++) {
      axpy(rowAt(dInput, idAt(rows, r), inBytes), rowAt(dInputs, r, inBytes), f32x4.splat(1), inBytes);
    }
  }
}
