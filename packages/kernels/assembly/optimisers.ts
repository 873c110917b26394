import { loadLanes, storeLanes } from "./lanes";
import { idAt, rowAt } from "./simd";

// Moments below these are set to 0: WebAssembly cannot flush denormals, and arithmetic on them is slow. A first moment of
// 1e-30 moves no float32 weight; a second moment of 1e-36 is far below eps squared.
const TINY_FIRST: f32 = 1e-30;
const TINY_SECOND: f32 = 1e-36;
// The share of a smaller gradient in the second moment lies below TINY_SECOND. Its square would be a denormal: rows that only
// weight decay moves end here, and made a step three times as slow.
const TINY_GRADIENT: f32 = 1e-17;

// @ts-ignore: decorator
@inline
function adamAt(
  w: usize, g: usize, m: usize, v: usize, lanes: i32,
  rate: v128, b1: v128, a1: v128, b2: v128, a2: v128, correction: v128, eps: v128, decay: v128, keep: v128,
): void {
  const weight = loadLanes(w, lanes);
  const grad = f32x4.add(loadLanes(g, lanes), f32x4.mul(decay, weight));
  let first = f32x4.add(f32x4.mul(b1, loadLanes(m, lanes)), f32x4.mul(a1, grad));
  const seen = v128.and(grad, f32x4.ge(f32x4.abs(grad), f32x4.splat(TINY_GRADIENT)));
  let second = f32x4.add(f32x4.mul(b2, loadLanes(v, lanes)), f32x4.mul(a2, f32x4.mul(seen, seen)));
  first = v128.andnot(first, f32x4.lt(f32x4.abs(first), f32x4.splat(TINY_FIRST)));
  second = v128.andnot(second, f32x4.lt(second, f32x4.splat(TINY_SECOND)));
  const step = f32x4.div(f32x4.mul(rate, first), f32x4.add(f32x4.sqrt(f32x4.mul(second, correction)), eps));
  storeLanes(m, first, lanes);
  storeLanes(v, second, lanes);
  storeLanes(w, f32x4.sub(f32x4.mul(weight, keep), step), lanes);
  storeLanes(g, f32x4.splat(0), lanes);
}

/** Adam on `bytes` bytes from the start of each array. */
// @ts-ignore: decorator
@inline
function adamSpan(
  w: usize, g: usize, m: usize, v: usize, bytes: usize,
  r: v128, b1: v128, a1: v128, b2: v128, a2: v128, c: v128, e: v128, d: v128, q: v128,
): void {
  let o: usize = 0;
  for (const end = bytes & ~15; o < end; o += 16) adamAt(w + o, g + o, m + o, v + o, 4, r, b1, a1, b2, a2, c, e, d, q);
  if (bytes & 8) {
    adamAt(w + o, g + o, m + o, v + o, 2, r, b1, a1, b2, a2, c, e, d, q);
    o += 8;
  }
  if (bytes & 4) adamAt(w + o, g + o, m + o, v + o, 1, r, b1, a1, b2, a2, c, e, d, q);
}

/** `a1`, `a2` are 1 - beta, taken in float64 by the caller; the other factors as in the host's `AdamFactors`. */
export function adam(
  w: usize, g: usize, m: usize, v: usize, n: u32,
  rate: f32, b1: f32, a1: f32, b2: f32, a2: f32, correction: f32, eps: f32, decay: f32, keep: f32,
): void {
  adamSpan(
    w, g, m, v, <usize>n << 2,
    f32x4.splat(rate), f32x4.splat(b1), f32x4.splat(a1), f32x4.splat(b2), f32x4.splat(a2),
    f32x4.splat(correction), f32x4.splat(eps), f32x4.splat(decay), f32x4.splat(keep),
  );
}

export function lazyAdam(
  w: usize, g: usize, m: usize, v: usize, cols: i32, rows: usize, n: i32,
  rate: f32, b1: f32, a1: f32, b2: f32, a2: f32, correction: f32, eps: f32, decay: f32, keep: f32,
): void {
  const bytes = <usize>cols << 2;
  const rates = f32x4.splat(rate);
  const betas1 = f32x4.splat(b1);
  const alphas1 = f32x4.splat(a1);
  const betas2 = f32x4.splat(b2);
  const alphas2 = f32x4.splat(a2);
  const corrections = f32x4.splat(correction);
  const epsilons = f32x4.splat(eps);
  const decays = f32x4.splat(decay);
  const keeps = f32x4.splat(keep);
  for (let r = 0; r < n; r++) {
    const o = <usize>idAt(rows, r) * bytes;
    adamSpan(
      w + o, g + o, m + o, v + o, bytes,
      rates, betas1, alphas1, betas2, alphas2, corrections, epsilons, decays, keeps,
    );
  }
}

// @ts-ignore: decorator
@inline
function adagradAt(w: usize, g: usize, sum: usize, lanes: i32, rate: v128, eps: v128, decay: v128): void {
  const weight = loadLanes(w, lanes);
  const grad = f32x4.add(loadLanes(g, lanes), f32x4.mul(decay, weight));
  const total = f32x4.add(loadLanes(sum, lanes), f32x4.mul(grad, grad));
  storeLanes(sum, total, lanes);
  storeLanes(w, f32x4.sub(weight, f32x4.div(f32x4.mul(rate, grad), f32x4.add(f32x4.sqrt(total), eps))), lanes);
  storeLanes(g, f32x4.splat(0), lanes);
}

export function adagrad(w: usize, g: usize, sum: usize, n: u32, rate: f32, eps: f32, decay: f32): void {
  const r = f32x4.splat(rate);
  const e = f32x4.splat(eps);
  const d = f32x4.splat(decay);
  const bytes = <usize>n << 2;
  let o: usize = 0;
  for (const end = bytes & ~15; o < end; o += 16) adagradAt(w + o, g + o, sum + o, 4, r, e, d);
  if (bytes & 8) {
    adagradAt(w + o, g + o, sum + o, 2, r, e, d);
    o += 8;
  }
  if (bytes & 4) adagradAt(w + o, g + o, sum + o, 1, r, e, d);
}

// @ts-ignore: decorator
@inline
function sgdAt(w: usize, g: usize, lanes: i32, rate: v128, decay: v128): void {
  const weight = loadLanes(w, lanes);
  const grad = f32x4.add(loadLanes(g, lanes), f32x4.mul(decay, weight));
  storeLanes(w, f32x4.sub(weight, f32x4.mul(rate, grad)), lanes);
  storeLanes(g, f32x4.splat(0), lanes);
}

export function sgd(w: usize, g: usize, n: u32, rate: f32, decay: f32): void {
  const r = f32x4.splat(rate);
  const d = f32x4.splat(decay);
  const bytes = <usize>n << 2;
  let o: usize = 0;
  for (const end = bytes & ~15; o < end; o += 16) sgdAt(w + o, g + o, 4, r, d);
  if (bytes & 8) {
    sgdAt(w + o, g + o, 2, r, d);
    o += 8;
  }
  if (bytes & 4) sgdAt(w + o, g + o, 1, r, d);
}
