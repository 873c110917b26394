import { at, axpy, idAt, rowAt } from "./simd";

/** out = A x for a CSR matrix A; `accumulate` adds to what `out` holds. */
export function spmm(
  offsets: usize, columns: usize, values: usize, rows: i32, x: usize, cols: i32, out: usize, accumulate: bool,
): void {
  const bytes = <usize>cols << 2;
  if (!accumulate) memory.fill(out, 0, <usize>rows * bytes);
  for (let r = 0; r < rows; r++) {
    const row = rowAt(out, r, bytes);
    for (let e = idAt(offsets, r), end = idAt(offsets, r + 1); e < end; e++) {
      axpy(row, rowAt(x, idAt(columns, e), bytes), v128.load32_splat(at(values, e)), bytes);
    }
  }
}
