import { loadLanes, storeLanes } from "./lanes";
import { idAt, rowAt } from "./simd";

// WebAssembly cannot flush denormals, and arithmetic on them is slow: rows that only weight decay moves end among them.
/** A smaller first moment is set to 0; it moves no float32 weight. From memory: see `vector-math.ts`. */
const TINY = memory.data<f32>([1e-30]);
/** Added to a gradient before it is squared, so that no second moment falls below 1e-35; lost beside any gradient that counts. */
const SHIFT: f32 = 1e-16;

/** One to four numbers. `decoupled` and `snap` are literals: most steps need neither. */
// @ts-ignore: decorator
@inline
function adamAt(
  w: usize, g: usize, m: usize, v: usize, lanes: i32, decoupled: bool, snap: bool,
  rate: v128, b1: v128, a1: v128, b2: v128, a2: v128, correction: v128, eps: v128, decay: v128, shift: v128,
): void {
  const weight = loadLanes(w, lanes);
  let grad = loadLanes(g, lanes);
  if (!decoupled) grad = f32x4.add(grad, f32x4.mul(decay, weight));
  let first = f32x4.add(f32x4.mul(b1, loadLanes(m, lanes)), f32x4.mul(a1, grad));
  const seen = f32x4.add(grad, shift);
  const second = f32x4.add(f32x4.mul(b2, loadLanes(v, lanes)), f32x4.mul(a2, f32x4.mul(seen, seen)));
  if (snap) first = v128.andnot(first, f32x4.lt(f32x4.abs(first), v128.load32_splat(TINY)));
  const step = f32x4.div(f32x4.mul(rate, first), f32x4.add(f32x4.sqrt(f32x4.mul(second, correction)), eps));
  storeLanes(m, first, lanes);
  storeLanes(v, second, lanes);
  storeLanes(w, f32x4.sub(decoupled ? f32x4.mul(weight, decay) : weight, step), lanes);
  storeLanes(g, f32x4.splat(0), lanes);
}

/** Adam on `bytes` bytes from the start of each array. `d` is the decay, or what is kept of a weight if `decoupled`. */
// @ts-ignore: decorator
@inline
function adamSpan(
  w: usize, g: usize, m: usize, v: usize, bytes: usize, decoupled: bool, snap: bool,
  r: v128, b1: v128, a1: v128, b2: v128, a2: v128, c: v128, e: v128, d: v128, s: v128,
): void {
  let o: usize = 0;
  for (const end = bytes & ~15; o < end; o += 16) {
    adamAt(w + o, g + o, m + o, v + o, 4, decoupled, snap, r, b1, a1, b2, a2, c, e, d, s);
  }
  if (bytes & 8) {
    adamAt(w + o, g + o, m + o, v + o, 2, decoupled, snap, r, b1, a1, b2, a2, c, e, d, s);
    o += 8;
  }
  if (bytes & 4) adamAt(w + o, g + o, m + o, v + o, 1, decoupled, snap, r, b1, a1, b2, a2, c, e, d, s);
}

/**
 * `a1`, `a2` are 1 - beta, taken in float64 by the caller; the other factors as in the host's `AdamFactors`: `d` is the
 * coupled decay or, where `decoupled`, what is kept of a weight.
 */
export function adam(
  w: usize, g: usize, m: usize, v: usize, n: u32, decoupled: bool, snap: bool,
  rate: f32, beta1: f32, alpha1: f32, beta2: f32, alpha2: f32, correction: f32, eps: f32, decay: f32,
): void {
  const bytes = <usize>n << 2;
  const r = f32x4.splat(rate);
  const b1 = f32x4.splat(beta1);
  const a1 = f32x4.splat(alpha1);
  const b2 = f32x4.splat(beta2);
  const a2 = f32x4.splat(alpha2);
  const c = f32x4.splat(correction);
  const e = f32x4.splat(eps);
  const d = f32x4.splat(decay);
  const s = f32x4.splat(SHIFT);
  if (decoupled) adamSpan(w, g, m, v, bytes, true, true, r, b1, a1, b2, a2, c, e, d, s);
  else if (snap) adamSpan(w, g, m, v, bytes, false, true, r, b1, a1, b2, a2, c, e, d, s);
  else adamSpan(w, g, m, v, bytes, false, false, r, b1, a1, b2, a2, c, e, d, s);
}

export function lazyAdam(
  w: usize, g: usize, m: usize, v: usize, cols: i32, rows: usize, n: i32, decoupled: bool,
  rate: f32, beta1: f32, alpha1: f32, beta2: f32, alpha2: f32, correction: f32, eps: f32, decay: f32,
): void {
  const bytes = <usize>cols << 2;
  const r = f32x4.splat(rate);
  const b1 = f32x4.splat(beta1);
  const a1 = f32x4.splat(alpha1);
  const b2 = f32x4.splat(beta2);
  const a2 = f32x4.splat(alpha2);
  const c = f32x4.splat(correction);
  const e = f32x4.splat(eps);
  const d = f32x4.splat(decay);
  const s = f32x4.splat(SHIFT);
  for (let q = 0; q < n; q++) {
    const o = <usize>idAt(rows, q) * bytes;
    if (decoupled) adamSpan(w + o, g + o, m + o, v + o, bytes, true, true, r, b1, a1, b2, a2, c, e, d, s);
    else adamSpan(w + o, g + o, m + o, v + o, bytes, false, true, r, b1, a1, b2, a2, c, e, d, s);
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
