/** Ids below this fit beside 32 bits of score in the 53 of a number. */
const PACKED_IDS = 2 ** 21;

/**
 * Sorts ids by their score, best first, ties by smaller id. Ids whose score is NaN or -Infinity are left out.
 * @param scores by id
 * @returns how many ids stand at the front of `ids`, sorted
 */
export function sortByScore(scores: Float32Array, ids: Int32Array): number {
  let n = 0;
  for (const id of ids) if (scores[id]! > Number.NEGATIVE_INFINITY) ids[n++] = id;
  const kept = ids.subarray(0, n);
  if (kept.some((id) => id >= PACKED_IDS)) {
    kept.sort((a, b) => scores[b]! - scores[a]! || a - b);
    return n;
  }
  // Score and id in one number: the typed array's own sort is ten times as fast as one that calls back.
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  const keys = new Float64Array(n);
  kept.forEach((id, i) => {
    // Adding 0 turns -0 into 0, which must tie with it.
    float[0] = scores[id]! + 0;
    const raw = bits[0]!;
    const ascending = raw & 0x80000000 ? ~raw >>> 0 : (raw | 0x80000000) >>> 0;
    keys[i] = (0xffffffff - ascending) * PACKED_IDS + id;
  });
  keys.sort();
  keys.forEach((key, i) => {
    kept[i] = key % PACKED_IDS;
  });
  return n;
}
