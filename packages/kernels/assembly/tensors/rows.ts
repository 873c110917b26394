import { axpy, copyRow, idAt } from "../simd";

/** Copies `rows` rows of `bytes` bytes (a multiple of 4) between places whose rows are `xStep` and `outStep` bytes apart. */
export function copyRows(x: usize, xStep: usize, rows: i32, bytes: usize, out: usize, outStep: usize): void {
  for (; rows > 0; rows--, x += xStep, out += outStep) copyRow(out, x, bytes);
}

/** out [segments, ...] = sums of the rows of x with equal id; ids that are not of the segments are dropped. */
export function segmentSum(x: usize, ids: usize, n: i32, bytes: usize, segments: i32, out: usize): void {
  memory.fill(out, 0, <usize>segments * bytes);
  const one = f32x4.splat(1);
  for (let r = 0; r < n; r++, x += bytes) {
    const id = idAt(ids, r);
    if (id >= 0 && id < segments) axpy(out + <usize>id * bytes, x, one, bytes);
  }
}

/** Each number of x [rows], `cols` times beside itself. */
export function repeat(x: usize, rows: i32, cols: i32, out: usize): void {
  for (; rows > 0; rows--, x += 4) {
    const all = v128.load32_splat(x);
    let c = 0;
    for (; c + 4 <= cols; c += 4, out += 16) v128.store(out, all);
    for (; c < cols; c++, out += 4) v128.store32_lane(out, all, 0);
  }
}
