import { axpy, copyRow, dot, idAt, rowAt, scaleTo } from "./simd";

/** First position whose id is not in [0, limit), or -1. Compared unsigned, so a negative id is too large. */
export function firstIdOutside(ids: usize, n: i32, limit: i32): i32 {
  const bound = i32x4.splat(limit);
  let r = 0;
  for (const end = n & ~3; r < end; r += 4) {
    if (v128.any_true(i32x4.ge_u(v128.load(ids + (<usize>r << 2)), bound))) break;
  }
  for (; r < n; r++) {
    if (<u32>idAt(ids, r) >= <u32>limit) return r;
  }
  return -1;
}

export function gatherRows(table: usize, cols: i32, ids: usize, n: i32, out: usize): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < n; r++) copyRow(rowAt(out, r, bytes), rowAt(table, idAt(ids, r), bytes), bytes);
}

export function scatterAddRows(table: usize, cols: i32, ids: usize, n: i32, rows: usize, scale: f32): void {
  const bytes = <usize>cols << 2;
  const s = f32x4.splat(scale);
  for (let r = 0; r < n; r++) axpy(rowAt(table, idAt(ids, r), bytes), rowAt(rows, r, bytes), s, bytes);
}

export function normalizeRows(x: usize, cols: i32, n: i32, eps: f32, unit: usize, norms: usize): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < n; r++) {
    const row = rowAt(x, r, bytes);
    const norm = max(sqrt(dot(row, row, bytes)), eps);
    store<f32>(norms + (<usize>r << 2), norm);
    // A zero row stays zero even where eps is 0.
    scaleTo(rowAt(unit, r, bytes), row, f32x4.splat(norm > 0 ? <f32>1 / norm : 0), bytes);
  }
}

export function normalizeRowsGrad(unit: usize, norms: usize, dUnit: usize, cols: i32, n: i32, dx: usize): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < n; r++) {
    const norm = load<f32>(norms + (<usize>r << 2));
    if (!(norm > 0)) continue;
    const u = rowAt(unit, r, bytes);
    const du = rowAt(dUnit, r, bytes);
    const out = rowAt(dx, r, bytes);
    const inverse = <f32>1 / norm;
    const along = dot(u, du, bytes);
    axpy(out, du, f32x4.splat(inverse), bytes);
    axpy(out, u, f32x4.splat(-along * inverse), bytes);
  }
}
