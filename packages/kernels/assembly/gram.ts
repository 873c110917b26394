import { at } from "./simd";

// Grams whose products and sums are float64: where two of them nearly cancel, float32 is too coarse. Rows are converted
// BLOCK at a time into panels of 4 columns; a tile of 4 x 4 sums is kept in registers. The host's `gramScratch`
// mirrors BLOCK.
const BLOCK = 128;

/** Panels [ceil(cols / 4)][rows][4] in float64, zero-filled. */
function packWide(x: usize, cols: i32, rows: i32, out: usize): void {
  const bytes = <usize>cols << 2;
  for (let c = 0; c < cols; c += 4) {
    let row = at(x, c);
    const whole = cols - c >= 4;
    for (let r = 0; r < rows; r++) {
      let v = f32x4.splat(0);
      if (whole) v = v128.load(row);
      else {
        v = v128.load32_zero(row);
        if (cols - c > 1) v = f32x4.replace_lane(v, 1, load<f32>(row, 4));
        if (cols - c > 2) v = f32x4.replace_lane(v, 2, load<f32>(row, 8));
      }
      v128.store(out, f64x2.promote_low_f32x4(v));
      v128.store(out, f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 0, 1)), 16);
      row += bytes;
      out += 32;
    }
  }
}

// @ts-ignore: decorator
@inline
function addPair(out: usize, v: v128, cols: i32): void {
  if (cols > 1) v128.store(out, f64x2.add(v128.load(out), v));
  else store<f64>(out, load<f64>(out) + f64x2.extract_lane(v, 0));
}

// @ts-ignore: decorator
@inline
function addRow(out: usize, left: v128, right: v128, cols: i32): void {
  addPair(out, left, cols);
  if (cols > 2) addPair(out + 16, right, cols - 2);
}

/** Adds the tile of two panels to `out` [.., ld]. */
function addTile(a: usize, b: usize, depth: i32, out: usize, ld: usize, rows: i32, cols: i32): void {
  let c00 = f64x2.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (const end = a + (<usize>depth << 5); a < end; a += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    b += 32;
    const x0 = v128.load64_splat(a);
    c00 = f64x2.add(c00, f64x2.mul(x0, b0));
    c01 = f64x2.add(c01, f64x2.mul(x0, b1));
    const x1 = v128.load64_splat(a, 8);
    c10 = f64x2.add(c10, f64x2.mul(x1, b0));
    c11 = f64x2.add(c11, f64x2.mul(x1, b1));
    const x2 = v128.load64_splat(a, 16);
    c20 = f64x2.add(c20, f64x2.mul(x2, b0));
    c21 = f64x2.add(c21, f64x2.mul(x2, b1));
    const x3 = v128.load64_splat(a, 24);
    c30 = f64x2.add(c30, f64x2.mul(x3, b0));
    c31 = f64x2.add(c31, f64x2.mul(x3, b1));
  }
  addRow(out, c00, c01, cols);
  if (rows > 1) addRow(out + ld, c10, c11, cols);
  if (rows > 2) addRow(out + 2 * ld, c20, c21, cols);
  if (rows > 3) addRow(out + 3 * ld, c30, c31, cols);
}

/** out [aCols, bCols] = a^T b over n rows. Where b is a, only the upper half is computed, then mirrored. */
export function gramF64(a: usize, aCols: i32, b: usize, bCols: i32, n: i32, out: usize, scratch: usize): void {
  const ld = <usize>bCols << 3;
  const same = a == b && aCols == bCols;
  memory.fill(out, 0, <usize>aCols * ld);
  const packedA = scratch;
  const packedB = same ? packedA : packedA + (<usize>((aCols + 3) & ~3) * BLOCK << 3);
  for (let r = 0; r < n; r += BLOCK) {
    const rows = min(BLOCK, n - r);
    packWide(at(a, r * aCols), aCols, rows, packedA);
    if (!same) packWide(at(b, r * bCols), bCols, rows, packedB);
    const panel = <usize>rows << 5;
    for (let i = 0; i < aCols; i += 4) {
      for (let j = same ? i : 0; j < bCols; j += 4) {
        addTile(
          packedA + <usize>(i >> 2) * panel, packedB + <usize>(j >> 2) * panel, rows,
          out + <usize>i * ld + (<usize>j << 3), ld, min(4, aCols - i), min(4, bCols - j),
        );
      }
    }
  }
  if (!same) return;
  for (let i = 1; i < aCols; i++) {
    for (let j = 0; j < i; j++) {
      store<f64>(out + <usize>i * ld + (<usize>j << 3), load<f64>(out + <usize>j * ld + (<usize>i << 3)));
    }
  }
}

export function sumSquaresF64(x: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    const v = load<f64>(x + (<usize>i << 3));
    sum += v * v;
  }
  return sum;
}
