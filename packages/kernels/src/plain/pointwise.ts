import type { RawPart } from "../raw-kernels.js";
import { dot } from "./dot.js";
import { logSumExp, sigmoid, softplus } from "./functions.js";

type PointwiseKernels = RawPart<"binaryCrossEntropy" | "metricHinge" | "clipRows" | "squaredGaps" | "logSumExpRest">;

const squaredDistance = (a: Float32Array, aAt: number, b: Float32Array, bAt: number, cols: number): number => {
  let sum = 0;
  for (let c = 0; c < cols; c++) sum += (a[aAt + c]! - b[bAt + c]!) ** 2;
  return sum;
};

/** Scores of the items that are not excluded for a user, by item. */
function* restOf(options: Parameters<PointwiseKernels["logSumExpRest"]>[0], r: number): Generator<[number, number]> {
  const { user, item, cols, items, userIds, excludeOffsets, excludeItems } = options;
  const u = userIds[r]!;
  const excluded = new Set(excludeItems.subarray(excludeOffsets[u]!, excludeOffsets[u + 1]!));
  for (let i = 0; i < items; i++) {
    if (!excluded.has(i)) yield [i, dot(user, u * cols, item, i * cols, cols)];
  }
}

export const plainPointwise: PointwiseKernels = {
  binaryCrossEntropy(logits, labels, weights, n, weight, dLogits) {
    let loss = 0;
    for (let q = 0; q < n; q++) {
      const [x, y, w] = [logits[q]!, labels[q]!, weights?.[q] ?? 1];
      loss += w * (y * softplus(-x) + (1 - y) * softplus(x));
      dLogits[q] = weight * w * (sigmoid(x) - y);
    }
    return loss;
  },
  metricHinge(user, item, cols, u, i, j, n, margin, dUser, dItem, weight = 1) {
    let loss = 0;
    for (let t = 0; t < n; t++) {
      const [pu, pi, pj] = [u[t]! * cols, i[t]! * cols, j[t]! * cols];
      const x = margin + squaredDistance(user, pu, item, pi, cols) - squaredDistance(user, pu, item, pj, cols);
      if (x <= 0) continue;
      loss += x;
      for (let c = 0; c < cols; c++) {
        const near = 2 * weight * (user[pu + c]! - item[pi + c]!);
        const far = 2 * weight * (user[pu + c]! - item[pj + c]!);
        dUser[pu + c]! += near - far;
        dItem[pi + c]! -= near;
        dItem[pj + c]! += far;
      }
    }
    return loss;
  },
  squaredGaps(x, target, n, weight) {
    let value = 0;
    for (let q = 0; q < n; q++) {
      const gap = Math.fround(x[q]! - target[q]!);
      value += gap * gap;
      x[q] = 2 * weight * gap;
    }
    return value;
  },
  clipRows(table, cols, ids, n, most) {
    for (let r = 0; r < n; r++) {
      const at = ids[r]! * cols;
      const norm = Math.sqrt(dot(table, at, table, at, cols));
      if (norm > most) for (let c = at; c < at + cols; c++) table[c]! *= most / norm;
    }
  },
  logSumExpRest(options, out, gradient) {
    const { user, item, cols, userIds, n } = options;
    for (let r = 0; r < n; r++) out[r] = logSumExp(Array.from(restOf(options, r), ([, score]) => score));
    if (gradient === null) return;
    gradient.differentiate(0, n);
    const { dOut, dUser, dItem } = gradient;
    for (let r = 0; r < n; r++) {
      const u = userIds[r]! * cols;
      for (const [i, score] of restOf(options, r)) {
        const g = dOut[r]! * Math.exp(score - out[r]!);
        for (let c = 0; c < cols; c++) {
          dUser[u + c]! += g * item[i * cols + c]!;
          dItem[i * cols + c]! += g * user[u + c]!;
        }
      }
    }
  },
};
