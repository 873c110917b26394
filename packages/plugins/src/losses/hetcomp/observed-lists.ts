import type { Interactions, TeacherView } from "@kdp/plugin-api";
import type { Workspace } from "../shared/workspace.js";

/** Users scored at a time. */
const BLOCK_USERS = 64;

/**
 * The order in which a user's train items are taught: by the sum over teachers of e^(-rank / λ), the rank (from 0) being the
 * item's among the user's train items by the teacher's score. HetComp's released code reads this order from a file that is not
 * published.
 * @returns `[users, count]`, -1 where a user has fewer items
 */
export function observedLists(options: {
  readonly teachers: readonly TeacherView[];
  readonly train: Interactions;
  readonly count: number;
  readonly rankScale: number;
  readonly workspace: Workspace;
}): Int32Array {
  const { teachers, train, count, rankScale, workspace } = options;
  const { users, offsets, itemIds } = train;
  const points = new Float64Array(itemIds.length);

  for (let from = 0; from < users; from += BLOCK_USERS) {
    const rows = Math.min(BLOCK_USERS, users - from);
    const degree = (r: number) => offsets[from + r + 1]! - offsets[from + r]!;
    const k = Math.max(...Array.from({ length: rows }, (_, r) => degree(r)));
    if (k === 0) continue;
    const ids = workspace.i32("observed/users", rows);
    const others = workspace.i32("observed/items", rows * k).fill(-1);
    const scores = workspace.f32("observed/scores", rows * k);
    for (let r = 0; r < rows; r++) {
      ids[r] = from + r;
      others.set(itemIds.subarray(offsets[from + r]!, offsets[from + r + 1]!), r * k);
    }
    for (const teacher of teachers) {
      teacher.scores?.({ side: "user", ids, others, rows, k }, scores);
      for (let r = 0; r < rows; r++) {
        const places = Array.from({ length: degree(r) }, (_, c) => c);
        places.sort((a, b) => scores[r * k + b]! - scores[r * k + a]! || a - b);
        places.forEach((c, rank) => {
          const at = offsets[from + r]! + c;
          points[at] = points[at]! + Math.exp(-rank / rankScale);
        });
      }
    }
  }

  const out = new Int32Array(users * count).fill(-1);
  for (let user = 0; user < users; user++) {
    const places = Array.from({ length: offsets[user + 1]! - offsets[user]! }, (_, c) => offsets[user]! + c);
    places.sort((a, b) => points[b]! - points[a]! || a - b);
    places.slice(0, count).forEach((at, rank) => {
      out[user * count + rank] = itemIds[at]!;
    });
  }
  return out;
}
