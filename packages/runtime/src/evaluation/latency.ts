import type { Interactions, Kernels, Scorer } from "@kdp/plugin-api";

const WARM_UP = 5;
const MEASURED = 41;
/** Length of the list that is made. */
const TOP = 10;

/**
 * Milliseconds to score and rank all items for one user, training items left out: the median over some users. A measurement
 * of this machine, never a metric.
 */
export function rankingLatency(scorer: Scorer, kernels: Kernels, train: Interactions): number {
  const times: number[] = [];
  kernels.scope(() => {
    const rankOne = ranker(scorer, kernels, train);
    for (let i = 0; i < WARM_UP + MEASURED; i++) {
      // Users from all over the table: neighbours would find their factors in the cache.
      const user = Math.floor((i * 0.618034 * train.users) % train.users);
      const begun = performance.now();
      rankOne(user);
      if (i >= WARM_UP) times.push(performance.now() - begun);
    }
  });
  times.sort((a, b) => a - b);
  return times[times.length >> 1] as number;
}

function ranker(scorer: Scorer, kernels: Kernels, train: Interactions): (user: number) => void {
  const k = Math.min(TOP, train.items);
  const ids = kernels.i32(1);
  if (scorer.kind === "dot") {
    const { user: left, item: right, cols } = scorer;
    const offsets = kernels.i32From(train.offsets);
    const excluded = kernels.i32From(train.itemIds);
    const outIds = kernels.i32(k);
    const outScores = kernels.f32(k);
    return (user) => {
      ids[0] = user;
      kernels.topK(left, right, cols, train.items, ids, 1, offsets, excluded, k, outIds, outScores);
    };
  }
  const scores = kernels.f32(train.items);
  return (user) => {
    ids[0] = user;
    scorer.scoreUsers(ids, 1, scores);
    for (let at = train.offsets[user] as number; at < (train.offsets[user + 1] as number); at++) {
      scores[train.itemIds[at] as number] = Number.NEGATIVE_INFINITY;
    }
    Array.from(scores.keys()).sort((a, b) => (scores[b] as number) - (scores[a] as number)).length = k;
  };
}
