import type { RawPart } from "../raw-kernels.js";
import { logSumExp } from "./functions.js";

type SoftmaxKernels = RawPart<"softmaxRows" | "gumbelSoftmax" | "gumbelSoftmaxGrad" | "multinomialRows">;

function softmax(x: ArrayLike<number>): Float64Array {
  const log = logSumExp(x);
  return Float64Array.from(x, (v) => Math.exp(v - log));
}

/** Softmax kernels, row by row in float64. */
export const plainSoftmax: SoftmaxKernels = {
  softmaxRows(x, n, cols, scale, out) {
    for (let r = 0; r < n; r++) {
      const row = Float64Array.from(x.subarray(r * cols, (r + 1) * cols), (v) => scale * v);
      out.set(softmax(row), r * cols);
    }
  },
  gumbelSoftmax({ logits, noise, n, cols, tau, floor, least }, z) {
    for (let r = 0; r < n; r++) {
      const p = softmax(logits.subarray(r * cols, (r + 1) * cols));
      const gate = softmax(p.map((v, c) => (Math.log(v + floor) + noise[r * cols + c]!) / tau));
      for (let c = 0; c < cols; c++) z[r * cols + c] = gate[c]! < least ? 0 : gate[c]!;
    }
  },
  gumbelSoftmaxGrad({ logits, n, cols, tau, floor }, z, dz, dLogits) {
    for (let r = 0; r < n; r++) {
      const p = softmax(logits.subarray(r * cols, (r + 1) * cols));
      const gate = z.subarray(r * cols, (r + 1) * cols);
      const slopes = Float64Array.from(dz.subarray(r * cols, (r + 1) * cols));
      // Relative to the slope of the largest gate: near one-hot the mean would cancel it, and 1 / tau is large.
      const base = slopes[gate.indexOf(Math.max(...gate))]!;
      const mean = gate.reduce((sum, v, c) => sum + v * (slopes[c]! - base), 0);
      const dp = slopes.map((v, c) => (gate[c]! * (v - base - mean)) / tau / (p[c]! + floor));
      const flow = dp.reduce((sum, v, c) => sum + v * p[c]!, 0);
      for (let c = 0; c < cols; c++) dLogits[r * cols + c] = p[c]! * (dp[c]! - flow);
    }
  },
  multinomialRows(logits, n, cols, offsets, columns, weight, dLogits) {
    let loss = 0;
    for (let r = 0; r < n; r++) {
      const row = logits.slice(r * cols, (r + 1) * cols);
      const log = logSumExp(row);
      const listed = columns.subarray(offsets[r]!, offsets[r + 1]!);
      const grad = Float64Array.from(row, (v) => listed.length * Math.exp(v - log));
      for (const c of listed) {
        loss += log - row[c]!;
        grad[c]! -= 1;
      }
      for (let c = 0; c < cols; c++) dLogits[r * cols + c] = weight * grad[c]!;
    }
    return loss;
  },
};
