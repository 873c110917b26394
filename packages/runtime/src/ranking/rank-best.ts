import type { Kernels } from "@kdp/plugin-api";
import type { DeviceKernels } from "@kdp/plugin-api/device";
import type { Part, Ranked } from "./block-pipeline.js";
import type { Range } from "./score-blocks.js";

/** Candidates that a device lists beyond the `k` best: their scores lie too near each other to tell which are the best. */
const spare = (k: number): number => 16 + Math.ceil(k / 16);

/** Makes the CPU's lists of what a device found. */
export interface BestLists {
  start(
    topK: NonNullable<DeviceKernels["topK"]>,
    block: Parameters<typeof topK>[0],
    items: Range,
  ): ReturnType<typeof topK>;
  /** @returns users of the range whose list is not certain */
  finish(users: Range, parts: readonly Part[]): number[];
  free(): void;
}

/**
 * The device lists more candidates than the `k` best by its own scores; the CPU's kernel ranks these. A candidate that is not listed
 * scores on the device at most what the last listed one does, so on the CPU at most that and the error of a score: where the k-th
 * score is higher, no other candidate belongs into the list, and where it is not, the list is not certain.
 * @param errorOf see `scoreErrors`
 */
export function bestLists(
  kernels: Kernels,
  { user, item, cols, items, userIds }: Ranked,
  k: number,
  errorOf: (user: number) => number,
  outItems: Int32Array,
  outScores: Float32Array,
): BestLists {
  const listed = (range: Range) => Math.min(k + spare(k), range.to - range.from);
  const approximate = new Float32Array(items);
  const nobody = kernels.i32(1);
  const noOffsets = kernels.i32(2);
  const noItems = kernels.i32(0);
  const places = kernels.i32(k);
  const scores = kernels.f32(k);
  let ids = kernels.i32(0);
  let rows = kernels.f32(0);

  function reserve(candidates: number): void {
    if (ids.length >= candidates) return;
    kernels.free(ids);
    kernels.free(rows);
    ids = kernels.i32(candidates);
    rows = kernels.f32(candidates * cols);
  }

  /** Gathers the candidates of a user in `ids`, ascending; `beyond` is what one that is not listed scores at most. */
  function gather(r: number, parts: readonly Part[]): { readonly count: number; readonly beyond: number } {
    let count = 0;
    let beyond = Number.NEGATIVE_INFINITY;
    for (const { items: range, data } of parts) {
      const length = listed(range);
      const [found, values] = data as readonly [Int32Array, Float32Array];
      let [own, least] = [0, Number.POSITIVE_INFINITY];
      for (let at = r * length; at < (r + 1) * length; at++) {
        const local = found[at] as number;
        if (local < 0) continue;
        const score = values[at] as number;
        const id = range.from + local;
        approximate[id] = score;
        ids[count++] = id;
        own++;
        if (score < least) least = score;
      }
      // Where there is room left, or for all, all candidates are listed.
      if (own === length && length < range.to - range.from) beyond = Math.max(beyond, least);
    }
    ids.subarray(0, count).sort();
    return { count, beyond };
  }

  function rank(owner: number, row: number, count: number, beyond: number): boolean {
    const error = errorOf(owner);
    kernels.gatherRows(item, cols, ids, count, rows);
    const own = user.subarray(owner * cols, (owner + 1) * cols);
    // Ids ascend, so that a tie goes to the smaller one here as well.
    kernels.topK(own, rows, cols, count, nobody, 1, noOffsets, noItems, k, places, scores);
    if (beyond !== Number.NEGATIVE_INFINITY && !(count >= k && (scores[k - 1] as number) > beyond + error))
      return false;
    for (let c = 0; c < k; c++) {
      const place = places[c] as number;
      const id = place < 0 ? -1 : (ids[place] as number);
      // Further away than arithmetic explains: nothing that this device says of the user counts.
      if (id >= 0 && !(Math.abs((approximate[id] as number) - (scores[c] as number)) <= error)) return false;
      outItems[row * k + c] = id;
      outScores[row * k + c] = scores[c] as number;
    }
    return true;
  }

  return {
    start: (topK, block, range) => topK(block, listed(range)),
    finish(users, parts) {
      reserve(parts.reduce((sum, { items: range }) => sum + listed(range), 0));
      const unsure: number[] = [];
      for (let row = users.from; row < users.to; row++) {
        const { count, beyond } = gather(row - users.from, parts);
        if (!rank(userIds[row] as number, row, count, beyond)) unsure.push(row);
      }
      return unsure;
    },
    free() {
      for (const view of [nobody, noOffsets, noItems, places, scores, ids, rows]) kernels.free(view);
    },
  };
}
