import { at, idAt, rowAt } from "./simd";
import { loadLanes, storeLanes } from "./lanes";

/** One row of the product, `lanes` columns from the byte `offset` on. */
// @ts-ignore: decorator
@inline
function rowPart(
  columns: usize, values: usize, from: i32, end: i32, x: usize, bytes: usize, out: usize, lanes: i32, accumulate: bool,
): void {
  let sum = accumulate ? loadLanes(out, lanes) : f32x4.splat(0);
  for (let e = from; e < end; e++) {
    const v = v128.load32_splat(at(values, e));
    sum = f32x4.add(sum, f32x4.mul(v, loadLanes(rowAt(x, idAt(columns, e), bytes), lanes)));
  }
  storeLanes(out, sum, lanes);
}

/** out = A x for a CSR matrix A; `accumulate` adds to what `out` holds. Sums of 16 columns stay in registers. */
export function spmm(
  offsets: usize, columns: usize, values: usize, rows: i32, x: usize, cols: i32, out: usize, accumulate: bool,
): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < rows; r++) {
    const row = rowAt(out, r, bytes);
    const from = idAt(offsets, r);
    const end = idAt(offsets, r + 1);
    let o: usize = 0;
    for (const whole = bytes & ~63; o < whole; o += 64) {
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      if (accumulate) {
        s0 = v128.load(row + o);
        s1 = v128.load(row + o, 16);
        s2 = v128.load(row + o, 32);
        s3 = v128.load(row + o, 48);
      }
      for (let e = from; e < end; e++) {
        const v = v128.load32_splat(at(values, e));
        const p = rowAt(x, idAt(columns, e), bytes) + o;
        s0 = f32x4.add(s0, f32x4.mul(v, v128.load(p)));
        s1 = f32x4.add(s1, f32x4.mul(v, v128.load(p, 16)));
        s2 = f32x4.add(s2, f32x4.mul(v, v128.load(p, 32)));
        s3 = f32x4.add(s3, f32x4.mul(v, v128.load(p, 48)));
      }
      v128.store(row + o, s0);
      v128.store(row + o, s1, 16);
      v128.store(row + o, s2, 32);
      v128.store(row + o, s3, 48);
    }
    for (const whole = bytes & ~15; o < whole; o += 16) {
      rowPart(columns, values, from, end, x + o, bytes, row + o, 4, accumulate);
    }
    if (bytes & 8) {
      rowPart(columns, values, from, end, x + o, bytes, row + o, 2, accumulate);
      o += 8;
    }
    if (bytes & 4) rowPart(columns, values, from, end, x + o, bytes, row + o, 1, accumulate);
  }
}
