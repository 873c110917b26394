import type { Interactions, Kernels, RankingTable } from "@kdp/plugin-api";
import { Points } from "../../ensembles/points.js";
import { createListTable, type ListTable } from "../shared/list-table.js";
import { createWorkspace } from "../shared/workspace.js";
import type { Excluded } from "./rest-mass.js";

export interface TaughtListOptions {
  readonly kernels: Kernels;
  readonly train: Interactions;
  /** Snapshot rankings of each teacher. */
  readonly trajectories: readonly (readonly RankingTable[])[];
  /** Importance of what they list, aligned with their ids. */
  readonly importance: readonly (readonly Float32Array[])[];
  /** The order of each user's train items `[users, observed]`. */
  readonly observed: Int32Array;
  /** Lengths of the lists. */
  readonly observedCount: number;
  readonly top: number;
}

/**
 * What each user is taught (HetComp, WWW 2023): `observed` train items in the teachers' order, then the `top` unseen items by
 * the summed importance of the snapshots that the user is shown.
 */
export interface TaughtLists {
  /** Row: observed items as the ordered part, top items as the unordered part. */
  readonly table: ListTable;
  /** Ranks anew under the snapshots `[users, teachers]`. */
  rebuild(states: Int32Array): void;
  /** A user's train items and first `k` top items: what the rest mass leaves out. */
  excluded(k: number): Excluded;
}

export function createTaughtLists(options: TaughtListOptions): TaughtLists {
  const { kernels, train, trajectories, importance, observed, observedCount, top } = options;
  const { users, items, offsets, itemIds } = train;
  const table = createListTable(users, observedCount, top);
  const width = table.k + table.l;
  const workspace = createWorkspace(kernels);
  const points = new Points(items);
  const known = new Uint8Array(items);
  const ids = new Int32Array(top);
  const scores = new Float32Array(top);
  let built = new Map<number, Excluded>();

  for (let user = 0; user < users; user++) {
    const own = observed.subarray(user * observedCount, (user + 1) * observedCount);
    const end = own.indexOf(-1);
    table.ordered[user] = end < 0 ? observedCount : end;
    table.ids.set(own.subarray(0, table.ordered[user]), user * width);
  }

  function vote(user: number, states: Int32Array): void {
    trajectories.forEach((trajectory, teacher) => {
      const snapshot = states[user * trajectories.length + teacher]!;
      const ranking = trajectory[snapshot]!;
      const votes = importance[teacher]![snapshot]!;
      for (let at = user * ranking.k; at < (user + 1) * ranking.k; at++) {
        const item = ranking.ids[at]!;
        if (item < 0) return;
        if (votes[at]! > 0 && known[item] === 0) points.add(item, votes[at]!);
      }
    });
  }

  return {
    table,
    rebuild(states) {
      built = new Map();
      for (let user = 0; user < users; user++) {
        const own = itemIds.subarray(offsets[user]!, offsets[user + 1]!);
        for (const item of own) known[item] = 1;
        vote(user, states);
        for (const item of own) known[item] = 0;
        ids.fill(-1);
        points.take(top, ids, scores);
        const end = ids.indexOf(-1);
        const count = end < 0 ? top : end;
        table.unordered[user] = count;
        table.ids.set(ids.subarray(0, count), user * width + table.ordered[user]!);
      }
    },

    excluded(k) {
      const found = built.get(k);
      if (found) return found;
      const starts = workspace.i32(`excluded/${k}/offsets`, users + 1);
      const all = workspace.i32(`excluded/${k}/ids`, itemIds.length + users * Math.min(k, top));
      let at = 0;
      for (let user = 0; user < users; user++) {
        starts[user] = at;
        const own = itemIds.subarray(offsets[user]!, offsets[user + 1]!);
        const from = user * width + table.ordered[user]!;
        const listed = table.ids.subarray(from, from + Math.min(k, table.unordered[user]!));
        all.set(own, at);
        all.set(listed, at + own.length);
        at += own.length + listed.length;
        all.subarray(starts[user]!, at).sort();
      }
      starts[users] = at;
      const excluded = { offsets: starts, ids: all.subarray(0, at) };
      built.set(k, excluded);
      return excluded;
    },
  };
}
