import { loadLanes, storeLanes } from "./lanes";
import { dotDifference, idAt, rowAt } from "./simd";
import { addWide, exp4, firstLanes, sigmoidNegated, softplusNegated, sumWide } from "./vector-math";

// @ts-ignore: decorator
@inline
function margin(user: usize, item: usize, u: usize, i: usize, j: usize, t: i32, bytes: usize): f32 {
  return dotDifference(
    rowAt(user, idAt(u, t), bytes), rowAt(item, idAt(i, t), bytes), rowAt(item, idAt(j, t), bytes), bytes,
  );
}

// @ts-ignore: decorator
@inline
function addGradAt(pu: usize, pi: usize, pj: usize, qu: usize, qi: usize, qj: usize, s: v128, lanes: i32): void {
  const su = f32x4.mul(s, loadLanes(pu, lanes));
  const difference = f32x4.sub(loadLanes(pi, lanes), loadLanes(pj, lanes));
  storeLanes(qu, f32x4.add(loadLanes(qu, lanes), f32x4.mul(s, difference)), lanes);
  storeLanes(qi, f32x4.add(loadLanes(qi, lanes), su), lanes);
  storeLanes(qj, f32x4.sub(loadLanes(qj, lanes), su), lanes);
}

/** Adds s * (pi - pj) to qu, s * pu to qi and takes it from qj, which may be the same row. */
// @ts-ignore: decorator
@inline
function addTripletGrad(pu: usize, pi: usize, pj: usize, qu: usize, qi: usize, qj: usize, s: v128, bytes: usize): void {
  let o: usize = 0;
  for (const end = bytes & ~15; o < end; o += 16) addGradAt(pu + o, pi + o, pj + o, qu + o, qi + o, qj + o, s, 4);
  if (bytes & 8) {
    addGradAt(pu + o, pi + o, pj + o, qu + o, qi + o, qj + o, s, 2);
    o += 8;
  }
  if (bytes & 4) addGradAt(pu + o, pi + o, pj + o, qu + o, qi + o, qj + o, s, 1);
}

/** Four triplets at a time, so that exp and log work on full vectors and the rows are still in the first-level cache. */
export function bpr(
  user: usize, item: usize, cols: i32, u: usize, i: usize, j: usize, n: i32, weight: f32, dUser: usize, dItem: usize,
): f64 {
  const bytes = <usize>cols << 2;
  let loss = f64x2.splat(0);
  for (let t = 0; t < n; t += 4) {
    const count = min(4, n - t);
    let x = f32x4.splat(margin(user, item, u, i, j, t, bytes));
    if (count > 1) x = f32x4.replace_lane(x, 1, margin(user, item, u, i, j, t + 1, bytes));
    if (count > 2) x = f32x4.replace_lane(x, 2, margin(user, item, u, i, j, t + 2, bytes));
    if (count > 3) x = f32x4.replace_lane(x, 3, margin(user, item, u, i, j, t + 3, bytes));
    const e = exp4(f32x4.neg(f32x4.abs(x)));
    loss = addWide(loss, firstLanes(softplusNegated(x, e), count));
    let s = f32x4.mul(sigmoidNegated(x, e), f32x4.splat(-weight));
    for (let c = 0; c < count; c++) {
      const a = idAt(u, t + c);
      const b = idAt(i, t + c);
      const d = idAt(j, t + c);
      addTripletGrad(
        rowAt(user, a, bytes), rowAt(item, b, bytes), rowAt(item, d, bytes),
        rowAt(dUser, a, bytes), rowAt(dItem, b, bytes), rowAt(dItem, d, bytes),
        i32x4.shuffle(s, s, 0, 0, 0, 0), bytes,
      );
      s = i32x4.shuffle(s, s, 1, 2, 3, 0);
    }
  }
  return sumWide(loss);
}
