import type { Batch, DotTables, Kernels, Parameter, Side, TrainableModel } from "@kdp/plugin-api";

export interface DotModelOptions {
  readonly kernels: Kernels;
  readonly user: Parameter;
  readonly item: Parameter;
  /** The model's own loss: adds `weight` times its gradient to the accumulators, returns the unweighted value. */
  baseLoss(tables: DotTables, batch: Batch, weight: number): number;
}

/** A model whose representations are its parameters and whose scores are their inner products, on fused kernels. */
export function dotModel({ kernels, user, item, baseLoss }: DotModelOptions): TrainableModel {
  const sides: Readonly<Record<Side, Parameter>> = { user, item };
  const { cols } = user;
  const tables: DotTables = { user: user.value, item: item.value, dUser: user.grad, dItem: item.grad, cols };

  return {
    width: { user: cols, item: cols },
    baseLoss: (batch, weight) => baseLoss(tables, batch, weight),
    rows: (side, ids, n, out) => kernels.gatherRows(sides[side].value, cols, ids, n, out),
    addRowGrads: (side, ids, n, grads) => kernels.scatterAddRows(sides[side].grad, cols, ids, n, grads, 1),
    scores({ side, ids, others, rows, k }, out) {
      const [left, right] = side === "user" ? [user, item] : [item, user];
      kernels.dotLists(left.value, right.value, cols, ids, others, rows, k, out);
    },
    addScoreGrads({ side, ids, others, rows, k }, grads) {
      const [left, right] = side === "user" ? [user, item] : [item, user];
      kernels.dotListsGrad(left.value, right.value, cols, ids, others, rows, k, grads, left.grad, right.grad);
    },
    scorer: () => ({ kind: "dot", user: user.value, item: item.value, cols }),
    dot: () => tables,
  };
}
