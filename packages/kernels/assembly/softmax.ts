import { at, idAt } from "./simd";
import { expTo, log1, log4, sumExp, topOf } from "./vector-math";

/** out = softmax(scale * x), row by row; `out` may be `x`. */
export function softmaxRows(x: usize, n: i32, cols: i32, scale: f32, out: usize): void {
  for (let r = 0; r < n; r++) softmaxRow(at(x, r * cols), cols, scale, at(out, r * cols));
}

function softmaxRow(x: usize, cols: i32, scale: f32, out: usize): void {
  const s = f32x4.splat(scale);
  // With a negative scale the largest product comes from the smallest number, so products are taken first.
  let c = 0;
  for (const end = cols & ~3; c < end; c += 4) v128.store(at(out, c), f32x4.mul(s, v128.load(at(x, c))));
  for (; c < cols; c++) store<f32>(at(out, c), scale * load<f32>(at(x, c)));
  const top = topOf(out, cols);
  const inverse = <f32>(1 / expTo(out, cols, top, 1, out));
  const factor = f32x4.splat(inverse);
  for (c = 0; c + 4 <= cols; c += 4) v128.store(at(out, c), f32x4.mul(v128.load(at(out, c)), factor));
  for (; c < cols; c++) store<f32>(at(out, c), load<f32>(at(out, c)) * inverse);
}

/**
 * z = softmax((log(softmax(logits) + floor) + noise) / tau); gates below `least` become 0.
 */
export function gumbelSoftmax(logits: usize, noise: usize, n: i32, cols: i32, tau: f32, floor: f32, least: f32, z: usize): void {
  for (let r = 0; r < n; r++) {
    const row = at(z, r * cols);
    const g = at(noise, r * cols);
    softmaxRow(at(logits, r * cols), cols, 1, row);
    let c = 0;
    for (const end = cols & ~3; c < end; c += 4) {
      const log = log4(f32x4.add(v128.load(at(row, c)), f32x4.splat(floor)));
      v128.store(at(row, c), f32x4.div(f32x4.add(log, v128.load(at(g, c))), f32x4.splat(tau)));
    }
    for (; c < cols; c++) store<f32>(at(row, c), (log1(load<f32>(at(row, c)) + floor) + load<f32>(at(g, c))) / tau);
    softmaxRow(row, cols, 1, row);
    for (c = 0; c < cols; c++) if (load<f32>(at(row, c)) < least) store<f32>(at(row, c), 0);
  }
}

/** Writes the gradient of {@link gumbelSoftmax} with respect to the logits. `dLogits` may be `dz`, not `logits`. */
export function gumbelSoftmaxGrad(
  logits: usize, z: usize, dz: usize, n: i32, cols: i32, tau: f32, floor: f32, dLogits: usize, scratch: usize,
): void {
  for (let r = 0; r < n; r++) {
    const gate = at(z, r * cols);
    const dGate = at(dz, r * cols);
    const out = at(dLogits, r * cols);
    softmaxRow(at(logits, r * cols), cols, 1, scratch);
    let winner = 0;
    for (let c = 1; c < cols; c++) if (load<f32>(at(gate, c)) > load<f32>(at(gate, winner))) winner = c;
    // Slopes relative to the winner's: the mean has no large part whose rounding 1/tau would blow up.
    const base = load<f32>(at(dGate, winner));
    let mean: f64 = 0;
    for (let c = 0; c < cols; c++) mean += <f64>load<f32>(at(gate, c)) * <f64>(load<f32>(at(dGate, c)) - base);
    let flow: f64 = 0;
    for (let c = 0; c < cols; c++) {
      const p = <f64>load<f32>(at(scratch, c));
      const slope = <f64>load<f32>(at(gate, c)) * (<f64>(load<f32>(at(dGate, c)) - base) - mean) / <f64>tau;
      const dp = slope / (p + <f64>floor);
      flow += p * dp;
      store<f32>(at(out, c), <f32>dp);
    }
    for (let c = 0; c < cols; c++) {
      store<f32>(at(out, c), load<f32>(at(scratch, c)) * (load<f32>(at(out, c)) - <f32>flow));
    }
  }
}

/**
 * -sum over rows and their listed columns of log softmax(logits); writes `weight` times the gradient,
 * count * softmax - 1 at each listed column. `dLogits` may be `logits`.
 */
export function multinomialRows(
  logits: usize, n: i32, cols: i32, offsets: usize, columns: usize, weight: f32, dLogits: usize,
): f64 {
  let loss: f64 = 0;
  for (let r = 0; r < n; r++) {
    const x = at(logits, r * cols);
    const d = at(dLogits, r * cols);
    const from = idAt(offsets, r);
    const end = idAt(offsets, r + 1);
    const top = topOf(x, cols);
    const log = <f64>top + <f64>log1(<f32>sumExp(x, cols, top));
    for (let e = from; e < end; e++) loss += log - <f64>load<f32>(at(x, idAt(columns, e)));
    expTo(x, cols, <f32>log, weight * <f32>(end - from), d);
    for (let e = from; e < end; e++) {
      const p = at(d, idAt(columns, e));
      store<f32>(p, load<f32>(p) - weight);
    }
  }
  return loss;
}
