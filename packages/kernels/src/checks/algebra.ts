import type { RawPart } from "../raw-kernels.js";
import { type Guard, rowsOf } from "./guard.js";

type AlgebraKernels = RawPart<"gemm" | "spmm">;

/** Numbers that a matrix of `rows` rows, `cols` columns and a distance of `ld` between rows reaches over. */
const extent = (rows: number, cols: number, ld: number): number => (rows > 0 && cols > 0 ? (rows - 1) * ld + cols : 0);

export function checkedAlgebra(guard: Guard, raw: AlgebraKernels): AlgebraKernels {
  const matrix = (name: string, view: Float32Array, rows: number, cols: number, ld = cols): void => {
    if (!Number.isInteger(ld) || ld < cols) {
      throw new RangeError(`gemm: ld${name} is ${ld}, less than the ${cols} columns of ${name} as stored.`);
    }
    guard.view("gemm", name, view, extent(rows, cols, ld));
  };
  return {
    gemm(options) {
      const { m, n, k, a, b, c, transA = false, transB = false } = options;
      guard.count("gemm", "m", m);
      guard.count("gemm", "n", n);
      guard.count("gemm", "k", k);
      matrix("a", a, transA ? k : m, transA ? m : k, options.lda);
      matrix("b", b, transB ? n : k, transB ? k : n, options.ldb);
      matrix("c", c, m, n, options.ldc);
      if (m > 0 && n > 0) raw.gemm(options);
    },
    spmm(offsets, columns, values, rows, x, cols, out, accumulate) {
      guard.count("spmm", "rows", rows);
      guard.count("spmm", "cols", cols);
      guard.offsets("spmm", "offsets", offsets, rows, columns.length);
      guard.view("spmm", "x", x, 0);
      guard.ids("spmm", "columns", columns, offsets[rows] as number, rowsOf(x, cols));
      guard.view("spmm", "values", values, offsets[rows] as number);
      guard.view("spmm", "out", out, rows * cols);
      raw.spmm(offsets, columns, values, rows, x, cols, out, accumulate);
    },
  };
}
