import { Missing } from "@kdp/plugin-api/device";
import type { Rank, Tensor, Tensor2D, Variable } from "@tensorflow/tfjs-core";
import type { Started } from "./backend.js";

/**
 * Computes what every training step needs (gather, product, segment sum, list scores, a step of Adam) and what a ranking needs
 * (the best of a row, places in it), and compares with the result by hand.
 * @throws Missing when the numbers are wrong
 */
export async function selfTest({ tf, kernels }: Pick<Started, "tf" | "kernels">): Promise<void> {
  const table: Variable<Rank.R2> = tf.variable(
    tf.tensor2d([
      [1, 2],
      [3, 4],
    ]),
  );
  const results = tf.tidy(() => {
    const rows = tf.tensor1d([1, 1, 0], "int32");
    const read = tf.gather(table, rows) as Tensor2D;
    const lists = tf.tensor2d([[0, 1]], [1, 2], "int32");
    const scores = kernels.dotLists?.(table, table, tf.tensor1d([1], "int32"), lists);
    const moments = [tf.variable(tf.zeros([2, 2])), tf.variable(tf.zeros([2, 2]))] as const;
    const found = [
      tf.matMul(read, table, false, true),
      tf.unsortedSegmentSum(read, rows, 2),
      scores ?? tf.zeros([0, 0]),
    ];
    const step = { learningRate: 0.5, weightDecay: 0, eps: 0, beta1: 0.9, beta2: 0.999, step: 1, decoupled: false };
    kernels.adam?.(table, tf.onesLike(table), ...moments, step);
    for (const moment of moments) moment.dispose();
    return [...found, ...rankings(tf, kernels), tf.round(tf.mul(table, 1000))];
  });
  const told = await Promise.all(results.map(async (tensor) => [...(await tensor.data())].join(" ")));
  tf.dispose([...results, table]);
  const expected = ["11 25 11 25 5 11", "1 2 6 8", "11 25", "3", "40", "1 1 2", "500 1500 2500 3500"];
  const wrong = expected.findIndex((text, i) => text !== told[i]);
  if (wrong < 0) return;
  throw new Missing(
    `the GPU computes wrongly: ${expected[wrong]} came out as ${told[wrong]}`,
    "update the driver of the graphics card",
  );
}

/** Of the scores 10 20 30 40 50, the last excluded. */
function rankings(tf: Started["tf"], kernels: Started["kernels"]): Tensor[] {
  const users = tf.tensor2d([10], [1, 1]);
  const items = tf.tensor2d([1, 2, 3, 4, 5], [5, 1]);
  const block = { users, items, excluded: tf.tensor1d([4], "int32") };
  const target = { rows: tf.tensor1d([0], "int32"), low: tf.tensor1d([25]), high: tf.tensor1d([35]) };
  const best = kernels.topK?.(block, 1) ?? [];
  return [...best, kernels.rankCounts?.(block, target, 1) ?? tf.zeros([0])];
}
