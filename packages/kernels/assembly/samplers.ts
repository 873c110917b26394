import { finishList, offerRow, startList, STATE_BYTES, thresholdOf } from "./best-list";
import { philox16 } from "./philox";
import { at, idAt } from "./simd";
import { log4 } from "./vector-math";

/** Standard exponential number from a word: -log(1 - u), u = (word + 1/2) / 2^32, kept below 1. */
// @ts-ignore: decorator
@inline
function exponential4(words: v128): v128 {
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  let u = f32x4.mul(f32x4.add(f32x4.convert_i32x4_u(words), half), f32x4.splat(2.3283064365386963e-10));
  u = f32x4.pmin(u, f32x4.splat(0.99999994));
  const rest = f32x4.sub(one, u);
  const lost = f32x4.sub(f32x4.sub(one, rest), u);
  return f32x4.neg(f32x4.add(log4(rest), f32x4.div(lost, rest)));
}

/** Standard Gumbel numbers, -log of exponential ones. `scratch` holds 64 bytes. */
export function randomGumbel(k0: u32, k1: u32, n0: u32, n1: u32, lane: u32, n: i32, out: usize, scratch: usize): void {
  for (let q = 0; q < n; q += 16) {
    philox16(k0, k1, lane, n0, n1, q >> 2, scratch);
    for (let c = 0; c < 64; c += 16) {
      v128.store(scratch + c, f32x4.neg(log4(exponential4(v128.load(scratch + c)))));
    }
    memory.copy(at(out, q), scratch, <usize>min(16, n - q) << 2);
  }
}

// @ts-ignore: decorator
@inline
function below(word: u32, bound: u32): i32 {
  return <i32>(<u64>word * <u64>bound >> 32);
}

/** The r-th number, from 0, that is not among the ascending `taken`. */
// @ts-ignore: decorator
@inline
function missing(taken: usize, count: i32, r: i32): i32 {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (idAt(taken, middle) - middle > r) high = middle;
    else low = middle + 1;
  }
  return r + low;
}

/**
 * One item for each row, uniform among those that are not listed for its user (CSR by user id, ascending, distinct); -1
 * where all are. Row r uses word r of the lane.
 */
export function sampleUnlisted(
  k0: u32, k1: u32, n0: u32, n1: u32, lane: u32, userIds: usize, n: i32, offsets: usize, listed: usize, items: i32,
  out: usize, scratch: usize,
): void {
  for (let r = 0; r < n; r++) {
    if ((r & 15) == 0) philox16(k0, k1, lane, n0, n1, r >> 2, scratch);
    const u = idAt(userIds, r);
    const from = idAt(offsets, u);
    const count = idAt(offsets, u + 1) - from;
    const word = load<u32>(at(scratch, r & 15));
    store<i32>(at(out, r), count >= items ? -1 : missing(at(listed, from), count, below(word, items - count)));
  }
}

// @ts-ignore: decorator
@inline
function contains(list: usize, count: i32, value: i32): bool {
  const v = i32x4.splat(value);
  let c = 0;
  for (const end = count & ~3; c < end; c += 4) if (v128.any_true(i32x4.eq(v128.load(at(list, c)), v))) return true;
  for (; c < count; c++) if (idAt(list, c) == value) return true;
  return false;
}

/**
 * `k` distinct items for each row, every set of unlisted items equally likely (Floyd's method; Bentley & Floyd 1987), in no
 * order; -1 where fewer are left. The row of user u uses lane u.
 */
export function sampleUnlistedSets(
  k0: u32, k1: u32, n0: u32, n1: u32, userIds: usize, n: i32, k: i32, offsets: usize, listed: usize, items: i32,
  out: usize, scratch: usize,
): void {
  for (let r = 0; r < n; r++) {
    const u = idAt(userIds, r);
    const taken = at(listed, idAt(offsets, u));
    const count = idAt(offsets, u + 1) - idAt(offsets, u);
    const list = at(out, r * k);
    const free = items - count;
    const drawn = min(k, max(0, free));
    for (let c = 0; c < drawn; c++) {
      if ((c & 15) == 0) philox16(k0, k1, u, n0, n1, c >> 2, scratch);
      const last = free - drawn + c;
      const pick = below(load<u32>(at(scratch, c & 15)), last + 1);
      store<i32>(at(list, c), contains(list, c, pick) ? last : pick);
    }
    for (let c = 0; c < drawn; c++) store<i32>(at(list, c), missing(taken, count, idAt(list, c)));
    for (let c = drawn; c < k; c++) store<i32>(at(list, c), -1);
  }
}

/** Most that a logarithm of an exponential number can lie below 0: log 2^33. */
const DEEPEST: f32 = 22.9;

/**
 * `k` distinct positions of 0 to sizes[r] - 1 for each row, drawn one after the other with probability proportional to
 * e^(-position / temperature), ascending; -1 where the pool is smaller. As exponential keys: the k smallest
 * log E + position / temperature (Efraimidis & Spirakis 2006). Row r uses lane ids[r]. `scratch`: 64 bytes of words, the
 * state of a list, its 2 * `capacity` numbers and k scores.
 */
export function sampleByRank(
  k0: u32, k1: u32, n0: u32, n1: u32, ids: usize, sizes: usize, n: i32, k: i32, temperature: f32, out: usize,
  capacity: i32, scratch: usize,
): void {
  if (k == 0) return;
  const state = scratch + 64;
  const positions = state + STATE_BYTES;
  const keys = at(positions, capacity);
  const outKeys = at(keys, capacity);
  const rate = f32x4.splat(<f32>1 / temperature);
  for (let r = 0; r < n; r++) {
    const size = idAt(sizes, r);
    const lane = idAt(ids, r);
    startList(state);
    for (let p = 0; p < size; p += 16) {
      // Keys are stored negated. Behind this position none can be among the k any more.
      if (DEEPEST - <f32>p * f32x4.extract_lane(rate, 0) < thresholdOf(state)) break;
      philox16(k0, k1, lane, n0, n1, p >> 2, scratch);
      for (let c = 0; c < 16; c += 4) {
        const position = f32x4.add(f32x4.splat(<f32>(p + c)), f32x4(0, 1, 2, 3));
        const key = f32x4.add(log4(exponential4(v128.load(at(scratch, c)))), f32x4.mul(position, rate));
        v128.store(at(scratch, c), f32x4.neg(key));
      }
      offerRow(scratch, p, min(16, size - p), k, capacity, positions, keys, state);
    }
    const list = at(out, r * k);
    finishList(k, positions, keys, state, list, outKeys);
    sortIds(list, k);
  }
}

/** Ids ascending, the missing ones (-1) last: insertion into a list that is short. */
function sortIds(ids: usize, k: i32): void {
  for (let c = 1; c < k; c++) {
    const id = idAt(ids, c);
    let p = c;
    // Compared unsigned, -1 is the largest.
    for (; p > 0 && <u32>idAt(ids, p - 1) > <u32>id; p--) store<i32>(at(ids, p), idAt(ids, p - 1));
    store<i32>(at(ids, p), id);
  }
}
