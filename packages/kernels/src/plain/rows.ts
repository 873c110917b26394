import type { RawPart } from "../raw-kernels.js";
import { dot } from "./dot.js";

type RowKernels = RawPart<
  "firstIdOutside" | "firstListIdOutside" | "gatherRows" | "scatterAddRows" | "normalizeRows" | "normalizeRowsGrad"
>;

/** Row kernels, written as their definitions. Sums are taken in float64, so results differ by rounding. */
export const plainRows: RowKernels = {
  firstIdOutside(ids, n, limit) {
    for (let r = 0; r < n; r++) if (!(ids[r]! >= 0 && ids[r]! < limit)) return r;
    return -1;
  },
  firstListIdOutside(ids, n, limit) {
    for (let r = 0; r < n; r++) if (ids[r]! >= limit) return r;
    return -1;
  },
  gatherRows(table, cols, ids, n, out) {
    for (let r = 0; r < n; r++) {
      const from = ids[r]! * cols;
      for (let c = 0; c < cols; c++) out[r * cols + c] = table[from + c]!;
    }
  },
  scatterAddRows(table, cols, ids, n, rows, scale) {
    for (let r = 0; r < n; r++) {
      const to = ids[r]! * cols;
      for (let c = 0; c < cols; c++) table[to + c]! += scale * rows[r * cols + c]!;
    }
  },
  normalizeRows(x, cols, n, eps, unit, norms) {
    for (let r = 0; r < n; r++) {
      const o = r * cols;
      norms[r] = Math.max(Math.sqrt(dot(x, o, x, o, cols)), eps);
      const norm = norms[r]!;
      for (let c = o; c < o + cols; c++) unit[c] = norm > 0 ? x[c]! / norm : 0;
    }
  },
  normalizeRowsGrad(unit, norms, dUnit, cols, n, dx) {
    for (let r = 0; r < n; r++) {
      const o = r * cols;
      const norm = norms[r]!;
      if (!(norm > 0)) continue;
      const along = dot(unit, o, dUnit, o, cols);
      for (let c = o; c < o + cols; c++) dx[c]! += (dUnit[c]! - unit[c]! * along) / norm;
    }
  },
};
