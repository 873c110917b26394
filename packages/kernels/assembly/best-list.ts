import { at, idAt } from "./simd";

// The k best of many (id, score) entries: candidates above a threshold are appended to a list of `capacity` > k entries;
// when it is full, the k best are selected and the k-th becomes the threshold. Cheaper than a heap, whose every entry costs
// log k unpredictable branches. Of equal scores the smaller id is better, so no two entries are equal.

/** State of a list: its threshold and its length. */
export const STATE_BYTES = 8;

export function startList(state: usize): void {
  store<f32>(state, -Infinity);
  store<i32>(state, 0, 4);
}

// @ts-ignore: decorator
@inline
function better(score: f32, id: i32, otherScore: f32, otherId: i32): bool {
  return score > otherScore || (score == otherScore && id < otherId);
}

// @ts-ignore: decorator
@inline
function betterAt(ids: usize, scores: usize, a: i32, b: i32): bool {
  return better(load<f32>(at(scores, a)), idAt(ids, a), load<f32>(at(scores, b)), idAt(ids, b));
}

// @ts-ignore: decorator
@inline
function swap(ids: usize, scores: usize, a: i32, b: i32): void {
  const id = idAt(ids, a);
  const score = load<f32>(at(scores, a));
  store<i32>(at(ids, a), idAt(ids, b));
  store<f32>(at(scores, a), load<f32>(at(scores, b)));
  store<i32>(at(ids, b), id);
  store<f32>(at(scores, b), score);
}

/** Hoare's partition around the median of three: entries up to the returned position are better than those behind. */
function partition(ids: usize, scores: usize, low: i32, high: i32): i32 {
  const middle = (low + high) >>> 1;
  if (betterAt(ids, scores, middle, low)) swap(ids, scores, middle, low);
  if (betterAt(ids, scores, high, low)) swap(ids, scores, high, low);
  if (betterAt(ids, scores, high, middle)) swap(ids, scores, high, middle);
  const score = load<f32>(at(scores, middle));
  const id = idAt(ids, middle);
  let i = low;
  let j = high;
  while (true) {
    while (better(load<f32>(at(scores, i)), idAt(ids, i), score, id)) i++;
    while (better(score, id, load<f32>(at(scores, j)), idAt(ids, j))) j--;
    if (i >= j) break;
    swap(ids, scores, i, j);
    i++;
    j--;
  }
  return j;
}

/** Brings the k best entries to the front, the k-th best to position k - 1. */
function select(ids: usize, scores: usize, size: i32, k: i32): void {
  let low = 0;
  let high = size - 1;
  while (low < high) {
    const border = partition(ids, scores, low, high);
    if (k - 1 <= border) high = border;
    else low = border + 1;
  }
}

/** Best first. */
function sort(ids: usize, scores: usize, low: i32, high: i32): void {
  while (high - low > 12) {
    const border = partition(ids, scores, low, high);
    sort(ids, scores, low, border);
    low = border + 1;
  }
  for (let i = low + 1; i <= high; i++) {
    for (let j = i; j > low && betterAt(ids, scores, j, j - 1); j--) swap(ids, scores, j, j - 1);
  }
}

/**
 * Offers scores of consecutive ids. Later calls must bring larger ids, so that an entry equal to the threshold is worse.
 * NaN and -Infinity never enter. `row` is readable up to a multiple of 8.
 */
export function offerRow(
  row: usize, first: i32, count: i32, k: i32, capacity: i32, ids: usize, scores: usize, state: usize,
): void {
  let size = load<i32>(state, 4);
  let threshold = load<f32>(state);
  let worst = f32x4.splat(threshold);
  for (let c = 0; c < count; c += 8) {
    const hit = v128.or(f32x4.gt(v128.load(at(row, c)), worst), f32x4.gt(v128.load(at(row, c), 16), worst));
    if (!v128.any_true(hit)) continue;
    for (let q = c, end = min(c + 8, count); q < end; q++) {
      const score = load<f32>(at(row, q));
      if (!(score > threshold)) continue;
      store<f32>(at(scores, size), score);
      store<i32>(at(ids, size), first + q);
      size++;
      if (size < capacity) continue;
      select(ids, scores, size, k);
      size = k;
      threshold = load<f32>(at(scores, k - 1));
      worst = f32x4.splat(threshold);
    }
  }
  store<f32>(state, threshold);
  store<i32>(state, size, 4);
}

/** Threshold that later entries must pass; -Infinity until a list was full once. */
export function thresholdOf(state: usize): f32 {
  return load<f32>(state);
}

/** Writes the k best, best first; -1 and -Infinity where there are fewer. */
export function finishList(k: i32, ids: usize, scores: usize, state: usize, outIds: usize, outScores: usize): void {
  const size = load<i32>(state, 4);
  if (size > k) select(ids, scores, size, k);
  const kept = min(size, k);
  sort(ids, scores, 0, kept - 1);
  memory.copy(outIds, ids, <usize>kept << 2);
  memory.copy(outScores, scores, <usize>kept << 2);
  for (let q = kept; q < k; q++) {
    store<i32>(at(outIds, q), -1);
    store<f32>(at(outScores, q), -Infinity);
  }
}
