import type { Interactions, TeacherView } from "@kdp/plugin-api";
import { sortByScore } from "./sort-by-score.js";
import type { Workspace } from "./workspace.js";

/** Users whose scores of all items are held at a time. */
const BLOCK_USERS = 32;

/** For each user and group of items, the group's unseen items as the teacher ranks them. */
export interface GroupRankings {
  /** Best first, at most `depth`. */
  row(user: number, group: number): Int32Array;
}

/**
 * Scores all items of all users once, block by block. Items that the teacher has no score for (-Infinity) are left out; a group
 * whose best items it all scores alike is empty.
 */
export function rankWithinGroups(options: {
  readonly teacher: Required<Pick<TeacherView, "scores">>;
  readonly train: Interactions;
  readonly groups: readonly Int32Array[];
  readonly depth: number;
  readonly workspace: Workspace;
}): GroupRankings {
  const { teacher, train, groups, depth, workspace } = options;
  const { users, items, offsets, itemIds } = train;
  const tops = groups.map((group) => {
    const width = Math.min(depth, group.length);
    return { width, ids: new Int32Array(users * width), lengths: new Int32Array(users) };
  });
  const longest = groups.reduce((max, group) => Math.max(max, group.length), 0);
  const sorted = new Int32Array(longest);

  for (let from = 0; from < users; from += BLOCK_USERS) {
    const rows = Math.min(BLOCK_USERS, users - from);
    const ids = workspace.i32("rank/users", rows);
    const others = workspace.i32("rank/items", rows * items);
    const scores = workspace.f32("rank/scores", rows * items);
    for (let r = 0; r < rows; r++) {
      ids[r] = from + r;
      for (let item = 0; item < items; item++) others[r * items + item] = item;
    }
    teacher.scores({ side: "user", ids, others, rows, k: items }, scores);
    for (let r = 0; r < rows; r++) {
      const user = from + r;
      const own = scores.subarray(r * items, (r + 1) * items);
      for (let at = offsets[user]!; at < offsets[user + 1]!; at++) own[itemIds[at]!] = Number.NEGATIVE_INFINITY;
      groups.forEach((group, g) => {
        const { width, ids: top, lengths } = tops[g]!;
        const members = sorted.subarray(0, group.length);
        members.set(group);
        const n = sortByScore(own, members, width);
        top.set(members.subarray(0, n), user * width);
        // Items that all score alike have no order: that of their ids would be taught as the teacher's.
        lengths[user] = n > 1 && own[members[0]!] === own[members[n - 1]!] ? 0 : n;
      });
    }
  }
  return {
    row(user, group) {
      const { width, ids, lengths } = tops[group]!;
      return ids.subarray(user * width, user * width + lengths[user]!);
    },
  };
}
