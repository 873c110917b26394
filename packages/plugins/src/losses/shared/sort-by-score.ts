/** Ids below this fit beside 32 bits of score in the 53 of a number. */
const PACKED_IDS = 2 ** 21;
/** Bits of -0, and the sign of every negative number. */
const NEGATIVE_ZERO = 0x80000000;

/**
 * Sorts ids by their score, best first, ties by smaller id. Ids whose score is NaN or -Infinity are left out.
 * @param scores by id
 * @param limit only this many are wanted
 * @returns how many ids stand at the front of `ids`, sorted; the order behind them means nothing
 */
export function sortByScore(scores: Float32Array, ids: Int32Array, limit = ids.length): number {
  let n = 0;
  for (const id of ids) if (scores[id]! > Number.NEGATIVE_INFINITY) ids[n++] = id;
  const kept = ids.subarray(0, n);
  const wanted = Math.min(limit, n);
  if (kept.some((id) => id >= PACKED_IDS)) {
    kept.sort((a, b) => scores[b]! - scores[a]! || a - b);
    return wanted;
  }
  // Score and id in one number: the typed array's own sort is ten times as fast as one that calls back.
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const raw = bits[kept[i]!]!;
    // -0 must tie with 0.
    const ascending = raw > NEGATIVE_ZERO ? ~raw >>> 0 : raw === NEGATIVE_ZERO ? raw : (raw | NEGATIVE_ZERO) >>> 0;
    keys[i] = (0xffffffff - ascending) * PACKED_IDS + kept[i]!;
  }
  if (wanted < n) smallestFirst(keys, wanted);
  const best = keys.subarray(0, wanted).sort();
  for (let i = 0; i < wanted; i++) kept[i] = best[i]! % PACKED_IDS;
  return wanted;
}

/** Moves the `count` smallest of distinct numbers to the front, in no order (quickselect, Hoare 1961). */
function smallestFirst(x: Float64Array, count: number): void {
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const pivot = middleOf(x[low]!, x[(low + high) >> 1]!, x[high]!);
    let left = low;
    let right = high;
    while (left <= right) {
      while (x[left]! < pivot) left++;
      while (x[right]! > pivot) right--;
      if (left > right) break;
      const held = x[left]!;
      x[left++] = x[right]!;
      x[right--] = held;
    }
    // Now x[low..right] <= pivot <= x[left..high]; the boundary lies in one of the parts, or between them.
    if (count - 1 <= right) high = right;
    else if (count - 1 >= left) low = left;
    else return;
  }
}

const middleOf = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
