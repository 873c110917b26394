// Loads and stores of 4, 2 or 1 numbers: with a literal `lanes` only one branch is left after inlining. Rows of any
// length are walked as fours, then a pair, then a single; unused lanes are zero.

// @ts-ignore: decorator
@inline
export function loadLanes(p: usize, lanes: i32): v128 {
  if (lanes == 4) return v128.load(p);
  if (lanes == 2) return v128.load64_zero(p);
  return v128.load32_zero(p);
}

// @ts-ignore: decorator
@inline
export function storeLanes(p: usize, v: v128, lanes: i32): void {
  if (lanes == 4) v128.store(p, v);
  else if (lanes == 2) v128.store64_lane(p, v, 0);
  else v128.store32_lane(p, v, 0);
}

/** The first 1 to 3 numbers at `p`, zeros behind. */
// @ts-ignore: decorator
@inline
export function loadFirst(p: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(p);
  const pair = v128.load64_zero(p);
  return count == 2 ? pair : f32x4.replace_lane(pair, 2, load<f32>(p, 8));
}

// @ts-ignore: decorator
@inline
export function storeFirst(p: usize, v: v128, count: i32): void {
  if (count == 1) {
    v128.store32_lane(p, v, 0);
    return;
  }
  v128.store64_lane(p, v, 0);
  if (count == 3) v128.store32_lane(p, v, 2, 8);
}
