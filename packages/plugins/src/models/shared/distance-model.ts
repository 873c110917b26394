import type { Batch, FittedTables, Kernels, Parameter, ScoreList, Scorer, Side, TrainableModel } from "@kdp/plugin-api";
import { createWorkspace } from "../../losses/shared/workspace.js";

export interface DistanceModelOptions {
  readonly kernels: Kernels;
  readonly user: Parameter;
  readonly item: Parameter;
  /** The model's own loss: adds `weight` times its gradient to the parameters, returns the unweighted value. */
  baseLoss(batch: Batch, weight: number): number;
}

/**
 * A model that scores by negative squared distance, -|u - i|² = 2<u, i> - |u|² - |i|². The inner products and their
 * gradients run on the list kernels, so do the norms: <x, x> is the score of a row with itself.
 */
export function distanceModel({ kernels, user, item, baseLoss }: DistanceModelOptions): TrainableModel {
  const sides: Readonly<Record<Side, Parameter>> = { user, item };
  const { cols } = user;
  const workspace = createWorkspace(kernels);

  const pair = (side: Side) => (side === "user" ? ([user, item] as const) : ([item, user] as const));

  function scores({ side, ids, others, rows, k }: ScoreList, out: Float32Array): void {
    const [left, right] = pair(side);
    const own = workspace.f32("own norms", rows);
    const far = workspace.f32("other norms", rows * k);
    kernels.dotLists(left.value, right.value, cols, ids, others, rows, k, out);
    kernels.dotLists(left.value, left.value, cols, ids, ids, rows, 1, own);
    kernels.dotLists(right.value, right.value, cols, others, others, rows * k, 1, far);
    for (let r = 0; r < rows; r++) {
      for (let at = r * k; at < (r + 1) * k; at++) out[at] = 2 * out[at]! - own[r]! - far[at]!;
    }
  }

  function addScoreGrads({ side, ids, others, rows, k }: ScoreList, grads: Float32Array): void {
    const [left, right] = pair(side);
    const twice = workspace.f32("twice", rows * k);
    const minus = workspace.f32("minus", rows * k);
    const sums = workspace.f32("sums", rows);
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let at = r * k; at < (r + 1) * k; at++) {
        const g = grads[at]!;
        twice[at] = 2 * g;
        minus[at] = -g;
        sum -= g;
      }
      sums[r] = sum;
    }
    kernels.dotListsGrad(left.value, right.value, cols, ids, others, rows, k, twice, left.grad, right.grad);
    // A row with itself takes the gradient from both sides: 2 d<x, x>/2.
    kernels.dotListsGrad(left.value, left.value, cols, ids, ids, rows, 1, sums, left.grad, left.grad);
    kernels.dotListsGrad(right.value, right.value, cols, others, others, rows * k, 1, minus, right.grad, right.grad);
  }

  return {
    width: { user: cols, item: cols },
    baseLoss,
    rows: (side, ids, n, out) => kernels.gatherRows(sides[side].value, cols, ids, n, out),
    addRowGrads: (side, ids, n, grads) => kernels.scatterAddRows(sides[side].grad, cols, ids, n, grads, 1),
    scores,
    addScoreGrads,
    scorer: () => distanceScorer((side, n) => workspace.f32(`scorer ${side}`, n), table(user), table(item)),
  };
}

const table = ({ rows, cols, value }: Parameter): FittedTables[string] => ({ rows, cols, values: value });

/**
 * Negative squared distances as inner products of wider rows: <(2u, -|u|², -1), (i, 1, |i|²)>, so that ranking runs on the
 * kernels for inner products.
 * @param allocate memory for the wider rows, which ranking wants in kernel memory
 */
export function distanceScorer(
  allocate: (side: Side, length: number) => Float32Array,
  user: FittedTables[string],
  item: FittedTables[string],
): Scorer {
  const cols = user.cols + 2;
  const widen = (
    out: Float32Array,
    source: FittedTables[string],
    factor: number,
    last: (norm: number) => readonly [number, number],
  ) => {
    for (let r = 0; r < source.rows; r++) {
      let norm = 0;
      for (let c = 0; c < source.cols; c++) {
        const x = source.values[r * source.cols + c]!;
        norm += x * x;
        out[r * cols + c] = factor * x;
      }
      out.set(last(norm), r * cols + source.cols);
    }
    return out;
  };
  return {
    kind: "dot",
    user: widen(allocate("user", user.rows * cols), user, 2, (norm) => [-norm, -1]),
    item: widen(allocate("item", item.rows * cols), item, 1, (norm) => [1, norm]),
    cols,
  };
}
