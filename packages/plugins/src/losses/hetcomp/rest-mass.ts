import type { Kernels, ScoreList, TrainableModel } from "@kdp/plugin-api";
import type { Workspace } from "../shared/workspace.js";

/** Users whose scores of all items are held at a time when a student's scores are no inner products. */
const BLOCK_USERS = 16;

/** Items that do not count, by user: `ids[offsets[u] .. offsets[u + 1])`, ascending. In kernel memory. */
export interface Excluded {
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
}

/** What is made of the masses of some users. */
export interface RestSlopes {
  /** Called once the masses of users [from, to) are written, for all users in order: must set their {@link dOut}. */
  differentiate(from: number, to: number): void;
  /** `[users]` */
  readonly dOut: Float32Array;
}

/**
 * log Σ e^score over the items that are not excluded, per user, and its gradient. The listed items are masked out inside the
 * pass: subtracting their mass from the total, as the papers' code does, loses all digits where they hold most of it.
 *
 * Writes `out` `[users]`, -Infinity where no item is left, and adds the gradient: some users' masses are written, asked for
 * their slopes and taken back to the student before the next are looked at, so that their scores are computed once.
 */
export type RestMass = (
  student: TrainableModel,
  users: Int32Array,
  excluded: Excluded,
  out: Float32Array,
  slopes: RestSlopes,
) => void;

export function createRestMass(kernels: Kernels, workspace: Workspace, items: number): RestMass {
  /** Calls `visit` with the scores of all items of some users at a time; excluded ones score -Infinity. */
  function eachBlock(
    student: TrainableModel,
    users: Int32Array,
    { offsets, ids }: Excluded,
    visit: (list: ScoreList, scores: Float32Array, from: number) => void,
  ): void {
    for (let from = 0; from < users.length; from += BLOCK_USERS) {
      const rows = Math.min(BLOCK_USERS, users.length - from);
      const own = workspace.i32("rest/users", rows);
      const others = workspace.i32("rest/items", rows * items);
      const scores = workspace.f32("rest/scores", rows * items);
      own.set(users.subarray(from, from + rows));
      for (let at = 0; at < others.length; at++) others[at] = at % items;
      const list: ScoreList = { side: "user", ids: own, others, rows, k: items };
      student.scores(list, scores);
      own.forEach((user, r) => {
        for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
          scores[r * items + ids[at]!] = Number.NEGATIVE_INFINITY;
        }
      });
      visit(list, scores, from);
    }
  }

  return (student, users, excluded, out, { dOut, differentiate }) => {
    const tables = student.dot?.();
    if (tables) {
      const { user, item, cols, dUser, dItem } = tables;
      const lists = { userIds: users, n: users.length, excludeOffsets: excluded.offsets, excludeItems: excluded.ids };
      kernels.logSumExpRest({ user, item, cols, items, ...lists }, out, { dOut, dUser, dItem, differentiate });
      return;
    }
    eachBlock(student, users, excluded, (list, scores, from) => {
      for (let r = 0; r < list.rows; r++) out[from + r] = logSumExp(scores.subarray(r * items, (r + 1) * items));
      differentiate(from, from + list.rows);
      for (let at = 0; at < scores.length; at++) {
        const row = from + Math.floor(at / items);
        const log = out[row]!;
        scores[at] = log === Number.NEGATIVE_INFINITY ? 0 : dOut[row]! * Math.exp(scores[at]! - log);
      }
      student.addScoreGrads(list, scores);
    });
  };
}

function logSumExp(x: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (const value of x) max = Math.max(max, value);
  if (max === Number.NEGATIVE_INFINITY) return max;
  let sum = 0;
  for (const value of x) sum += Math.exp(value - max);
  return max + Math.log(sum);
}
