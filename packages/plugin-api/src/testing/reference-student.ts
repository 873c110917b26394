import type { Batch } from "../batch.js";
import type { Interactions } from "../interactions.js";
import type { Kernels } from "../kernels.js";
import type { RankingTable, StudentView } from "../loss.js";
import type { DotTables, ScoreList, TrainableModel } from "../model.js";
import type { Side } from "../views.js";

/** Matrix factorisation in plain loops: small, obvious, and enough to carry any loss in a test. */
export interface ReferenceStudent extends TrainableModel {
  readonly tables: DotTables;
  clearGradients(): void;
  /** The student between epochs. */
  view(train: Interactions): StudentView;
}

export function referenceStudent(
  kernels: Kernels,
  start: { readonly user: ArrayLike<number>; readonly item: ArrayLike<number>; readonly cols: number },
): ReferenceStudent {
  const { cols } = start;
  const user = kernels.f32From(start.user);
  const item = kernels.f32From(start.item);
  const dUser = kernels.f32(user.length);
  const dItem = kernels.f32(item.length);
  const tables: DotTables = { user, item, dUser, dItem, cols };
  const items = item.length / cols;

  const score = (u: number, i: number): number => {
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += (user[u * cols + c] as number) * (item[i * cols + c] as number);
    return sum;
  };
  const addScoreGrad = (u: number, i: number, d: number): void => {
    for (let c = 0; c < cols; c++) {
      dUser[u * cols + c] = (dUser[u * cols + c] as number) + d * (item[i * cols + c] as number);
      dItem[i * cols + c] = (dItem[i * cols + c] as number) + d * (user[u * cols + c] as number);
    }
  };
  const eachPair = (list: ScoreList, visit: (u: number, i: number, at: number) => void): void => {
    for (let at = 0; at < list.rows * list.k; at++) {
      const own = list.ids[Math.floor(at / list.k)] as number;
      const other = list.others[at] as number;
      if (list.side === "user") visit(own, other, at);
      else visit(other, own, at);
    }
  };
  const scores = (list: ScoreList, out: Float32Array) =>
    eachPair(list, (u, i, at) => {
      out[at] = score(u, i);
    });
  const table = (side: Side) => (side === "user" ? user : item);

  return {
    tables,
    width: { user: cols, item: cols },
    clearGradients() {
      dUser.fill(0);
      dItem.fill(0);
    },
    baseLoss(batch: Batch, weight: number) {
      let value = 0;
      for (let t = 0; t < batch.size; t++) {
        const [u, i, j] = [batch.users[t], batch.positives[t], batch.negatives[t]] as [number, number, number];
        const gap = score(u, i) - score(u, j);
        value += gap > 0 ? Math.log1p(Math.exp(-gap)) : Math.log1p(Math.exp(gap)) - gap;
        const slope = -weight / (1 + Math.exp(gap));
        addScoreGrad(u, i, slope);
        addScoreGrad(u, j, -slope);
      }
      return value;
    },
    rows: (side, ids, n, out) => {
      for (let r = 0; r < n; r++) {
        const from = (ids[r] as number) * cols;
        out.set(table(side).subarray(from, from + cols), r * cols);
      }
    },
    addRowGrads: (side, ids, n, grads) => {
      const to = side === "user" ? dUser : dItem;
      for (let r = 0; r < n; r++) {
        for (let c = 0; c < cols; c++) {
          const at = (ids[r] as number) * cols + c;
          to[at] = (to[at] as number) + (grads[r * cols + c] as number);
        }
      }
    },
    scores,
    addScoreGrads: (list, grads) => eachPair(list, (u, i, at) => addScoreGrad(u, i, grads[at] as number)),
    scorer: () => ({ kind: "dot", user, item, cols }),
    dot: () => tables,
    view: (train) => viewOf(train, items, score, scores),
  };
}

function viewOf(
  train: Interactions,
  items: number,
  score: (u: number, i: number) => number,
  scores: StudentView["scores"],
): StudentView {
  /** Items of a user that are not in train, best first, ties by smaller id. */
  const ranked = (u: number): number[] => {
    const known = new Set(train.itemIds.subarray(train.offsets[u], train.offsets[u + 1]));
    const own = Array.from({ length: items }, (_, i) => score(u, i));
    return [...own.keys()]
      .filter((i) => !known.has(i))
      .sort((a, b) => (own[b] as number) - (own[a] as number) || a - b);
  };
  return {
    topK(k): RankingTable {
      const ids = new Int32Array(train.users * k).fill(-1);
      const values = new Float32Array(train.users * k).fill(Number.NEGATIVE_INFINITY);
      for (let u = 0; u < train.users; u++) {
        ranked(u)
          .slice(0, k)
          .forEach((i, r) => {
            ids[u * k + r] = i;
            values[u * k + r] = score(u, i);
          });
      }
      return { rows: train.users, k, ids, scores: values };
    },
    ranks(list, out) {
      for (let r = 0; r < list.rows; r++) {
        const order = ranked(list.ids[r] as number);
        for (let c = 0; c < list.k; c++) {
          out[r * list.k + c] = order.indexOf(list.others[r * list.k + c] as number) + 1;
        }
      }
    },
    scores,
  };
}
