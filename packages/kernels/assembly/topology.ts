import { gemm } from "./gemm";
import { gramF64, sumSquaresF64 } from "./gram";
import { at, idAt } from "./simd";
import { addWide, sumWide } from "./vector-math";

// Differences of cosines between all pairs of unit rows, teacher against student. STRIP rows at a time; the host's scratch
// sizes mirror it.
const STRIP = 64;

/**
 * d = student - teacher in place of `student`, [rows, cols]; where `positiveOnly`, pairs of teacher cosine <= 0 become 0.
 * Returns the sum of squares.
 */
// @ts-ignore: decorator
@inline
function differences(teacher: usize, student: usize, count: i32, positiveOnly: bool): f64 {
  const zero = f32x4.splat(0);
  let squares = f64x2.splat(0);
  let q = 0;
  for (const end = count & ~3; q < end; q += 4) {
    const t = v128.load(at(teacher, q));
    let d = f32x4.sub(v128.load(at(student, q)), t);
    if (positiveOnly) d = v128.and(d, f32x4.gt(t, zero));
    v128.store(at(student, q), d);
    squares = addWide(squares, f32x4.mul(d, d));
  }
  let value = sumWide(squares);
  for (; q < count; q++) {
    const t = load<f32>(at(teacher, q));
    const d: f32 = positiveOnly && !(t > 0) ? <f32>0 : load<f32>(at(student, q)) - t;
    store<f32>(at(student, q), d);
    value += <f64>(d * d);
  }
  return value;
}

/** Sum of squares of the part of rows [rows, ld] that starts at column `from`: the pairs that stand for two. */
function squaresFrom(d: usize, rows: i32, ld: i32, from: i32): f64 {
  let squares = f64x2.splat(0);
  for (let r = 0; r < rows; r++) {
    const row = at(d, r * ld);
    let c = from;
    for (const end = ld - 3; c < end; c += 4) {
      const x = v128.load(at(row, c));
      squares = addWide(squares, f32x4.mul(x, x));
    }
    for (; c < ld; c++) {
      const x = v128.load32_zero(at(row, c));
      squares = addWide(squares, f32x4.mul(x, x));
    }
  }
  return sumWide(squares);
}

/**
 * A block, pair by pair. A strip of rows meets the rows from its own first one on; what lies behind the strip counts twice
 * and gives gradient to both sides.
 */
function pairwiseBlock(
  teacher: usize, dT: i32, student: usize, dS: i32, n: i32, positiveOnly: bool, factor: f32, dStudent: usize,
  scratch: usize,
): f64 {
  const cosT = scratch;
  const cosS = at(cosT, STRIP * n);
  const room = at(cosS, STRIP * n);
  let value: f64 = 0;
  for (let i = 0; i < n; i += STRIP) {
    const rows = min(STRIP, n - i);
    const cols = n - i;
    const t = at(teacher, i * dT);
    const s = at(student, i * dS);
    const ds = at(dStudent, i * dS);
    gemm(rows, cols, dT, t, dT, false, t, dT, true, cosT, cols, 1, 0, room);
    gemm(rows, cols, dS, s, dS, false, s, dS, true, cosS, cols, 1, 0, room);
    value += differences(cosT, cosS, rows * cols, positiveOnly) + squaresFrom(cosS, rows, cols, rows);
    gemm(rows, dS, cols, cosS, cols, false, s, dS, false, ds, dS, factor, 1, room);
    if (cols > rows) {
      const behind = at(ds, rows * dS);
      gemm(cols - rows, dS, rows, at(cosS, rows), cols, true, s, dS, false, behind, dS, factor, 1, room);
    }
  }
  return value;
}

/**
 * Gradient of a block through Grams: 4 (S (S^T S) - T (T^T S)). The teacher's Gram is taken as S^T T: its few rows are
 * packed once, and no tile reaches over its wide border.
 */
function collapsedGrad(
  teacher: usize, dT: i32, student: usize, dS: i32, n: i32, factor: f32, dStudent: usize, scratch: usize,
): void {
  const gramS = scratch;
  const gramT = at(gramS, dS * dS);
  const room = at(gramT, dT * dS);
  gemm(dS, dS, n, student, dS, true, student, dS, false, gramS, dS, 1, 0, room);
  gemm(dS, dT, n, student, dS, true, teacher, dT, false, gramT, dT, 1, 0, room);
  gemm(n, dS, dS, student, dS, false, gramS, dS, false, dStudent, dS, factor, 1, room);
  gemm(n, dS, dT, teacher, dT, false, gramT, dT, true, dStudent, dS, -factor, 1, room);
}

/** |T^T T|^2 - 2 |T^T S|^2 + |S^T S|^2 in float64. */
function collapsedValue(teacher: usize, dT: i32, student: usize, dS: i32, n: i32, scratch: usize): f64 {
  const gram = (scratch + 7) & ~7;
  const room = gram + (<usize>(max(dT, dS) * max(dT, dS)) << 3);
  gramF64(teacher, dT, teacher, dT, n, gram, room);
  let value = sumSquaresF64(gram, dT * dT);
  gramF64(teacher, dT, student, dS, n, gram, room);
  value -= 2 * sumSquaresF64(gram, dT * dS);
  gramF64(student, dS, student, dS, n, gram, room);
  return value + sumSquaresF64(gram, dS * dS);
}

/**
 * Sum over blocks of rows, and over all pairs inside each, of (cos_T - cos_S)^2, with its gradient. Blocks of more than
 * `collapseFrom` rows go through Grams; their value is computed only `withValue` and is NaN otherwise.
 */
export function cosineBlocks(
  teacher: usize, dT: i32, student: usize, dS: i32, offsets: usize, blocks: i32, positiveOnly: bool, collapseFrom: i32,
  withValue: bool, weight: f32, dStudent: usize, scratch: usize,
): f64 {
  const factor = <f32>4 * weight;
  let value: f64 = 0;
  for (let g = 0; g < blocks; g++) {
    const from = idAt(offsets, g);
    const n = idAt(offsets, g + 1) - from;
    if (n == 0) continue;
    const t = at(teacher, from * dT);
    const s = at(student, from * dS);
    const ds = at(dStudent, from * dS);
    if (n <= collapseFrom) value += pairwiseBlock(t, dT, s, dS, n, positiveOnly, factor, ds, scratch);
    else {
      collapsedGrad(t, dT, s, dS, n, factor, ds, scratch);
      value += withValue ? collapsedValue(t, dT, s, dS, n, scratch) : NaN;
    }
  }
  return value;
}

/**
 * Sum over m anchors and n rows of (cos_T(anchor, row) - cos_S(anchor, row))^2 with its gradient to the student's rows
 * and, where `dAnchors` is not 0, to its anchors. `skip` (or 0) names for each row one anchor that is left out, or -1.
 */
export function cosineCross(
  anchorsT: usize, rowsT: usize, dT: i32, anchorsS: usize, rowsS: usize, dS: i32, m: i32, n: i32, skip: usize,
  weight: f32, dAnchors: usize, dRows: usize, scratch: usize,
): f64 {
  const factor = <f32>2 * weight;
  const cosT = scratch;
  const cosS = at(cosT, STRIP * m);
  const room = at(cosS, STRIP * m);
  let value: f64 = 0;
  for (let i = 0; i < n; i += STRIP) {
    const rows = min(STRIP, n - i);
    const s = at(rowsS, i * dS);
    gemm(rows, m, dT, at(rowsT, i * dT), dT, false, anchorsT, dT, true, cosT, m, 1, 0, room);
    gemm(rows, m, dS, s, dS, false, anchorsS, dS, true, cosS, m, 1, 0, room);
    if (skip != 0) {
      for (let r = 0; r < rows; r++) {
        const own = idAt(skip, i + r);
        if (own >= 0) store<f32>(at(cosS, r * m + own), load<f32>(at(cosT, r * m + own)));
      }
    }
    value += differences(cosT, cosS, rows * m, false);
    gemm(rows, dS, m, cosS, m, false, anchorsS, dS, false, at(dRows, i * dS), dS, factor, 1, room);
    if (dAnchors != 0) gemm(m, dS, rows, cosS, m, true, s, dS, false, dAnchors, dS, factor, 1, room);
  }
  return value;
}
