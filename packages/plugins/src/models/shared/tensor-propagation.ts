import type { Interactions, Side, Tf } from "@kdp/plugin-api";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { columnsOf, rowsOf } from "./sparse.js";

/** The edges of the graph of interactions as tensors: aligned users and items, and 1 / √(deg u · deg i) `[edges, 1]`. */
export function edgeTensors(tf: Tf, train: Interactions): Readonly<Record<"users" | "items" | "weights", Tensor>> {
  const [rows, columns] = [rowsOf(train), columnsOf(train)];
  const users = new Int32Array(rows.ids.length);
  const weights = new Float32Array(rows.ids.length);
  for (let u = 0; u < rows.rows; u++) {
    const [from, to] = [rows.offsets[u]!, rows.offsets[u + 1]!];
    for (let at = from; at < to; at++) {
      const item = rows.ids[at]!;
      users[at] = u;
      weights[at] = 1 / Math.sqrt((to - from) * (columns.offsets[item + 1]! - columns.offsets[item]!));
    }
  }
  return {
    users: tf.tensor1d(users, "int32"),
    items: tf.tensor1d(Int32Array.from(rows.ids), "int32"),
    weights: tf.tensor2d(weights, [weights.length, 1]),
  };
}

type Tables = Readonly<Record<Side, Tensor2D>>;

/** The plain form of `createPropagation(…).mean`: (1 / (L + 1)) Σ_l Âˡ x. */
export function tensorMean(tf: Tf, edges: Readonly<Record<string, Tensor>>, x: Tables, layers: number): Tables {
  const [users, items] = [edges.users as Tensor1D, edges.items as Tensor1D];
  const weights = edges.weights as Tensor2D;
  const product = ({ user, item }: Tables): Tables => ({
    user: tf.unsortedSegmentSum(tf.mul(tf.gather(item, items), weights), users, user.shape[0]) as Tensor2D,
    item: tf.unsortedSegmentSum(tf.mul(tf.gather(user, users), weights), items, item.shape[0]) as Tensor2D,
  });
  let layer = x;
  let sum = x;
  for (let l = 0; l < layers; l++) {
    layer = product(layer);
    sum = { user: tf.add(sum.user, layer.user), item: tf.add(sum.item, layer.item) };
  }
  return { user: tf.div(sum.user, layers + 1), item: tf.div(sum.item, layers + 1) };
}
