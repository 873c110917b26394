import type { RawPart } from "../raw-kernels.js";
import { type Guard, rowsOf } from "./guard.js";

type RowKernels = RawPart<"gatherRows" | "scatterAddRows" | "normalizeRows" | "normalizeRowsGrad">;

export function checkedRows(guard: Guard, raw: RowKernels): RowKernels {
  return {
    gatherRows(table, cols, ids, n, out) {
      guard.count("gatherRows", "cols", cols);
      guard.count("gatherRows", "n", n);
      guard.view("gatherRows", "table", table, 0);
      guard.ids("gatherRows", "ids", ids, n, rowsOf(table, cols));
      guard.view("gatherRows", "out", out, n * cols);
      raw.gatherRows(table, cols, ids, n, out);
    },
    scatterAddRows(table, cols, ids, n, rows, scale) {
      guard.count("scatterAddRows", "cols", cols);
      guard.count("scatterAddRows", "n", n);
      guard.view("scatterAddRows", "table", table, 0);
      guard.ids("scatterAddRows", "ids", ids, n, rowsOf(table, cols));
      guard.view("scatterAddRows", "rows", rows, n * cols);
      raw.scatterAddRows(table, cols, ids, n, rows, scale);
    },
    normalizeRows(x, cols, n, eps, unit, norms) {
      guard.count("normalizeRows", "cols", cols);
      guard.count("normalizeRows", "n", n);
      guard.view("normalizeRows", "x", x, n * cols);
      guard.view("normalizeRows", "unit", unit, n * cols);
      guard.view("normalizeRows", "norms", norms, n);
      raw.normalizeRows(x, cols, n, eps, unit, norms);
    },
    normalizeRowsGrad(unit, norms, dUnit, cols, n, dx) {
      guard.count("normalizeRowsGrad", "cols", cols);
      guard.count("normalizeRowsGrad", "n", n);
      guard.view("normalizeRowsGrad", "unit", unit, n * cols);
      guard.view("normalizeRowsGrad", "norms", norms, n);
      guard.view("normalizeRowsGrad", "dUnit", dUnit, n * cols);
      guard.view("normalizeRowsGrad", "dx", dx, n * cols);
      raw.normalizeRowsGrad(unit, norms, dUnit, cols, n, dx);
    },
  };
}
