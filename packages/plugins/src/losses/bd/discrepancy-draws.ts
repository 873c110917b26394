import type { Interactions, RandomStream } from "@kdp/plugin-api";
import { sortByScore } from "../shared/sort-by-score.js";

/** Weights of a user's unseen items by the two rankings, ranks from 0. */
export interface DiscrepancyWeights {
  /** w_{S→T} = e^(ε (rk_S - rk_T)): what the teacher learns from the student. */
  readonly epsilon: number;
  /** w_{T→S} = tanh(max(ε_t (rk_T - rk_S), 0)): what the student learns from the teacher, items that it ranks too high. */
  readonly epsilonTeacher: number;
}

/** Items drawn for one direction, a stretch of `counts[u]` per user and epoch of the cycle. */
export interface Draws {
  readonly ids: Int32Array;
  /** `[users + 1]`, of a whole cycle. */
  readonly offsets: Int32Array;
}

export interface DrawOptions {
  readonly train: Interactions;
  /** Draws of each user in one epoch. */
  readonly counts: Int32Array;
  /** Epochs of a cycle. */
  readonly cycle: number;
  readonly weights: DiscrepancyWeights;
  /** Writes a user's scores of all items. */
  studentScores(user: number, out: Float32Array): void;
  teacherScores(user: number, out: Float32Array): void;
  readonly stream: RandomStream;
}

/**
 * Rank discrepancy aware sampling (BD, Kweon et al., WWW 2021): for each user both models rank the unseen items, and the items of
 * a whole cycle are drawn at once, with replacement. Nothing of size users × items is kept.
 * @returns draws for the teacher (w_{S→T}) and for the student (w_{T→S}); a user without unseen items has -1
 */
export function drawByDiscrepancy(options: DrawOptions): { readonly teacher: Draws; readonly student: Draws } {
  const { train, counts, cycle, weights, stream } = options;
  const { users, items, offsets: trainOffsets, itemIds } = train;
  const offsets = new Int32Array(users + 1);
  for (let u = 0; u < users; u++) offsets[u + 1] = offsets[u]! + cycle * counts[u]!;
  const total = offsets[users]!;
  const teacher = { ids: new Int32Array(total).fill(-1), offsets };
  const student = { ids: new Int32Array(total).fill(-1), offsets };

  const scores = new Float32Array(items);
  const order = new Int32Array(items);
  const ranks = { student: new Int32Array(items), teacher: new Int32Array(items) };
  const unseen = new Int32Array(items);
  const known = new Uint8Array(items);
  const cumulative = new Float64Array(items);

  function rank(whose: "student" | "teacher", user: number, count: number): void {
    if (whose === "student") options.studentScores(user, scores);
    else options.teacherScores(user, scores);
    const own = order.subarray(0, count);
    own.set(unseen.subarray(0, count));
    // Items without a score (-Infinity) keep the last ranks, in order of id.
    const scored = sortByScore(scores, own);
    ranks[whose].fill(count);
    for (let r = 0; r < scored; r++) ranks[whose][own[r]!] = r;
  }

  for (let user = 0; user < users; user++) {
    if (counts[user] === 0) continue;
    const own = itemIds.subarray(trainOffsets[user]!, trainOffsets[user + 1]!);
    for (const item of own) known[item] = 1;
    let count = 0;
    for (let item = 0; item < items; item++) if (known[item] === 0) unseen[count++] = item;
    for (const item of own) known[item] = 0;
    if (count === 0) continue;
    rank("student", user, count);
    rank("teacher", user, count);

    for (const direction of [teacher, student]) {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        const gap = ranks.student[unseen[i]!]! - ranks.teacher[unseen[i]!]!;
        sum +=
          direction === teacher
            ? Math.exp(weights.epsilon * gap)
            : Math.tanh(Math.max(-weights.epsilonTeacher * gap, 0));
        cumulative[i] = sum;
      }
      for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
        // Rankings that agree leave no weight: any item will do.
        const place = sum > 0 ? search(cumulative, count, stream.uniform() * sum) : stream.below(count);
        direction.ids[at] = unseen[place]!;
      }
    }
  }
  return { teacher, student };
}

/** First place of an ascending list whose value is above `x`. */
function search(values: Float64Array, n: number, x: number): number {
  let low = 0;
  let high = n - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
