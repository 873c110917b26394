import type { Interactions, Kernels, RankingTable, ScoreList, Scorer } from "@kdp/plugin-api";
import type { Ranker } from "../ranking/ranker.js";
import { rowNumbers } from "../tables/interactions.js";

/** Users whose scores of all items are held at a time when a model has no factors. */
const BLOCK_USERS = 64;

/** Rankings and ranks under a model's scores, the train items of each user left out. */
export interface ScorerRanking {
  /** Best items of every user, best first, ties by smaller id; -1 past the end of a short list. */
  topK(scorer: Scorer, k: number): RankingTable;
  /** Rank of each listed item, 1 = best; half of the ties count as better, rounded down. Lists of side `user`. */
  ranks(scorer: Scorer, list: ScoreList, out: Int32Array): void;
}

/**
 * @param train the interactions to leave out; in kernel memory during a call only, since most trainings never ask for a
 * ranking and the others once an epoch
 */
export function createScorerRanking(kernels: Kernels, train: Interactions): ScorerRanking {
  const everyUser = () => rowNumbers(train.users);

  /** Calls `visit` with the scores of each user in turn; train items score -Infinity. */
  function eachUser(
    scorer: Scorer & { kind: "block" },
    users: Int32Array,
    visit: (row: number, scores: Float32Array) => void,
  ) {
    kernels.scope(() => {
      const block = kernels.f32(Math.min(BLOCK_USERS, users.length) * train.items);
      const ids = kernels.i32(BLOCK_USERS);
      for (let from = 0; from < users.length; from += BLOCK_USERS) {
        const n = Math.min(BLOCK_USERS, users.length - from);
        ids.set(users.subarray(from, from + n));
        scorer.scoreUsers(ids, n, block);
        for (let r = 0; r < n; r++) {
          const scores = block.subarray(r * train.items, (r + 1) * train.items);
          const user = users[from + r] as number;
          for (let at = train.offsets[user] as number; at < (train.offsets[user + 1] as number); at++) {
            scores[train.itemIds[at] as number] = Number.NEGATIVE_INFINITY;
          }
          visit(from + r, scores);
        }
      }
    });
  }

  return {
    topK(scorer, k) {
      if (scorer.kind === "dot") {
        const lists = dotLists(kernels, train, scorer, k);
        try {
          kernels.topK(...lists.args);
          return lists.table();
        } finally {
          lists.free();
        }
      }
      const rows = train.users;
      const ids = new Int32Array(rows * k);
      const scores = new Float32Array(rows * k);
      eachUser(scorer, everyUser(), (row, values) => {
        best(values, k, ids.subarray(row * k, (row + 1) * k), scores.subarray(row * k, (row + 1) * k));
      });
      return { rows, k, ids, scores };
    },
    ranks(scorer, list, out) {
      const n = list.rows * list.k;
      if (scorer.kind === "block") {
        eachUser(scorer, list.ids.subarray(0, list.rows), (row, values) => {
          for (let at = row * list.k; at < (row + 1) * list.k; at++)
            out[at] = rankOf(values, list.others[at] as number);
        });
        return;
      }
      const { user, item, cols } = scorer;
      kernels.scope(() => {
        const users = kernels.i32From(list.ids.subarray(0, list.rows));
        const starts = kernels.i32From(Int32Array.from({ length: list.rows + 1 }, (_, row) => row * list.k));
        const targets = kernels.i32From(list.others.subarray(0, n));
        const above = kernels.i32(n);
        const ties = kernels.i32(n);
        kernels.rankCounts(
          user,
          item,
          cols,
          train.items,
          users,
          starts,
          targets,
          list.rows,
          kernels.i32From(train.offsets),
          kernels.i32From(train.itemIds),
          above,
          ties,
        );
        for (let at = 0; at < n; at++) out[at] = 1 + (above[at] as number) + ((ties[at] as number) >> 1);
      });
    },
  };
}

/** {@link ScorerRanking.topK} by a ranker, where it has the scores of a device to wait for. */
export async function rankAll(
  kernels: Kernels,
  ranker: Ranker,
  train: Interactions,
  scorer: Scorer,
  k: number,
): Promise<RankingTable> {
  if (scorer.kind === "block") return createScorerRanking(kernels, train).topK(scorer, k);
  const lists = dotLists(kernels, train, scorer, k);
  try {
    await ranker.topK(...lists.args);
    return lists.table();
  } finally {
    lists.free();
  }
}

/** What the kernel needs for the lists of all users. */
function dotLists(
  kernels: Kernels,
  train: Interactions,
  { user, item, cols }: Scorer & { readonly kind: "dot" },
  k: number,
): { readonly args: Parameters<Kernels["topK"]>; table(): RankingTable; free(): void } {
  const rows = train.users;
  const ids = kernels.i32(rows * k);
  const scores = kernels.f32(rows * k);
  const everyone = kernels.i32From(rowNumbers(rows));
  const offsets = kernels.i32From(train.offsets);
  const excluded = kernels.i32From(train.itemIds);
  return {
    args: [user, item, cols, train.items, everyone, rows, offsets, excluded, k, ids, scores],
    table: () => ({ rows, k, ids: Int32Array.from(ids), scores: Float32Array.from(scores) }),
    free() {
      for (const view of [ids, scores, everyone, offsets, excluded]) kernels.free(view);
    },
  };
}

function rankOf(scores: Float32Array, item: number): number {
  const own = scores[item] as number;
  let above = 0;
  let ties = -1;
  for (const score of scores) {
    if (score > own) above++;
    else if (score === own) ties++;
  }
  return 1 + above + (Math.max(0, ties) >> 1);
}

/** The `k` largest finite scores, best first, ties by smaller index: insertion into a short sorted list. */
function best(values: Float32Array, k: number, ids: Int32Array, scores: Float32Array): void {
  ids.fill(-1);
  scores.fill(Number.NEGATIVE_INFINITY);
  for (let item = 0; item < values.length; item++) {
    const score = values[item] as number;
    if (!(score > (scores[k - 1] as number))) continue;
    let at = k - 1;
    for (; at > 0 && score > (scores[at - 1] as number); at--) {
      scores[at] = scores[at - 1] as number;
      ids[at] = ids[at - 1] as number;
    }
    scores[at] = score;
    ids[at] = item;
  }
}
