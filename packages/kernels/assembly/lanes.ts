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
