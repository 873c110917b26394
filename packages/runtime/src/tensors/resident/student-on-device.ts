import type { StudentView, TrainableModel } from "@kdp/plugin-api";
import type { ScorerRanking } from "../../training/scorer-ranking.js";

/** Users whose scores of all items are held at a time. */
const BLOCK_USERS = 64;

/**
 * A student without a fused form as samplers see it while it trains on a device: by the copies of its parameters in the
 * process.
 * @param items number of items
 */
export function studentOnDevice(
  model: Pick<TrainableModel, "scorer">,
  ranking: ScorerRanking,
  items: number,
): StudentView {
  return {
    topK: (k) => ranking.topK(model.scorer(), k),
    ranks: (list, out) => ranking.ranks(model.scorer(), list, out),
    scores(list, out) {
      const { side, ids, others, rows, k } = list;
      const pairOf = (pair: number): readonly [user: number, item: number] => {
        const [own, far] = [ids[Math.floor(pair / k)] as number, others[pair] as number];
        return side === "user" ? [own, far] : [far, own];
      };
      scorePairs(model, items, rows * k, pairOf, out);
    },
  };
}

function scorePairs(
  model: Pick<TrainableModel, "scorer">,
  items: number,
  pairs: number,
  pairOf: (pair: number) => readonly [user: number, item: number],
  out: Float32Array,
): void {
  const scorer = model.scorer();
  if (scorer.kind === "dot") {
    const { user, item, cols } = scorer;
    for (let pair = 0; pair < pairs; pair++) {
      const [u, i] = pairOf(pair);
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += (user[u * cols + c] as number) * (item[i * cols + c] as number);
      out[pair] = sum;
    }
    return;
  }
  const byUser = new Map<number, number[]>();
  for (let pair = 0; pair < pairs; pair++) {
    const [u] = pairOf(pair);
    const known = byUser.get(u);
    if (known) known.push(pair);
    else byUser.set(u, [pair]);
  }
  const users = [...byUser.keys()];
  for (let from = 0; from < users.length; from += BLOCK_USERS) {
    const block = Int32Array.from(users.slice(from, from + BLOCK_USERS));
    const scores = new Float32Array(block.length * items);
    scorer.scoreUsers(block, block.length, scores);
    block.forEach((user, row) => {
      for (const pair of byUser.get(user) ?? []) out[pair] = scores[row * items + pairOf(pair)[1]] as number;
    });
  }
}
