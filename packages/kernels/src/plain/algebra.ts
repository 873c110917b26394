import type { RawPart } from "../raw-kernels.js";

type AlgebraKernels = RawPart<"gemm" | "spmm">;

/** Matrix products, written as their definitions; sums in float64. */
export const plainAlgebra: AlgebraKernels = {
  gemm({ m, n, k, a, b, c, transA = false, transB = false, lda, ldb, ldc = n, alpha = 1, beta = 0 }) {
    const [aRow, aCol] = transA ? [1, lda ?? m] : [lda ?? k, 1];
    const [bRow, bCol] = transB ? [1, ldb ?? k] : [ldb ?? n, 1];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += a[i * aRow + p * aCol]! * b[p * bRow + j * bCol]!;
        const at = i * ldc + j;
        // beta = 0 clears what is not a number, too; the same holds for alpha = 0.
        c[at] = (alpha === 0 ? 0 : alpha * sum) + (beta === 0 ? 0 : beta * c[at]!);
      }
    }
  },
  spmm(offsets, columns, values, rows, x, cols, out, accumulate) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) {
        let sum = accumulate ? out[r * cols + c]! : 0;
        for (let e = offsets[r]!; e < offsets[r + 1]!; e++) sum += values[e]! * x[columns[e]! * cols + c]!;
        out[r * cols + c] = sum;
      }
    }
  },
};
