import type { RawPart } from "../raw-kernels.js";
import { dot } from "./dot.js";
import { logSumExp, sigmoid, softplus } from "./functions.js";

type LossKernels = RawPart<"dotLists" | "dotListsGrad" | "bpr" | "plackettLuce">;

/** Losses on listed pairs, written as their definitions. */
export const plainLosses: LossKernels = {
  dotLists(left, right, cols, leftIds, rightIds, n, k, out) {
    for (let r = 0; r < n; r++) {
      for (let c = r * k; c < (r + 1) * k; c++) {
        const id = rightIds[c]!;
        out[c] = id < 0 ? -Infinity : dot(left, leftIds[r]! * cols, right, id * cols, cols);
      }
    }
  },
  dotListsGrad(left, right, cols, leftIds, rightIds, n, k, dOut, dLeft, dRight) {
    for (let r = 0; r < n; r++) {
      const l = leftIds[r]! * cols;
      for (let c = r * k; c < (r + 1) * k; c++) {
        if (rightIds[c]! < 0) continue;
        const e = rightIds[c]! * cols;
        const g = dOut[c]!;
        for (let q = 0; q < cols; q++) {
          dLeft[l + q]! += g * right[e + q]!;
          dRight[e + q]! += g * left[l + q]!;
        }
      }
    }
  },
  bpr(user, item, cols, u, i, j, n, dUser, dItem, weight = 1) {
    let loss = 0;
    for (let t = 0; t < n; t++) {
      const pu = u[t]! * cols;
      const pi = i[t]! * cols;
      const pj = j[t]! * cols;
      const margin = dot(user, pu, item, pi, cols) - dot(user, pu, item, pj, cols);
      loss += softplus(-margin);
      const g = -weight * sigmoid(-margin);
      for (let c = 0; c < cols; c++) {
        dUser[pu + c]! += g * (item[pi + c]! - item[pj + c]!);
        dItem[pi + c]! += g * user[pu + c]!;
        dItem[pj + c]! -= g * user[pu + c]!;
      }
    }
    return loss;
  },
  plackettLuce(scores, n, k, l, weight, dScores) {
    const size = k + l;
    let loss = 0;
    for (let r = 0; r < n; r++) {
      const row = Float64Array.from(scores.subarray(r * size, (r + 1) * size));
      const grad = new Float64Array(size);
      for (let t = 0; t < k; t++) {
        if (row[t] === -Infinity) continue;
        const log = logSumExp(row.subarray(t));
        loss += log - row[t]!;
        grad[t]! -= 1;
        for (let j = t; j < size; j++) grad[j]! += Math.exp(row[j]! - log);
      }
      for (let j = 0; j < size; j++) dScores[r * size + j] = weight * grad[j]!;
    }
    return loss;
  },
};
