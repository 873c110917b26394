import type { ScoreList, Side, TensorScores, Tf } from "@kdp/plugin-api";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Sparse } from "./sparse.js";
import type { Dropout } from "./sparse-batch.js";

export const idTensor = (tf: Tf, ids: Int32Array): Tensor1D => tf.tensor1d(ids.slice(), "int32");

/**
 * The listed rows of a sparse matrix times a dense `w` `[cols, width]`, `[ids, width]`: the plain form of `sparseInput(…).times`,
 * with the same draws.
 */
export function sparseTimes(
  tf: Tf,
  { matrix, unit }: { readonly matrix: Sparse; readonly unit: boolean },
  ids: Int32Array,
  dropout: Dropout | null,
  w: Tensor2D,
): Tensor2D {
  const count = ids.reduce((sum, id) => sum + matrix.offsets[id + 1]! - matrix.offsets[id]!, 0);
  const [rows, columns, values] = [new Int32Array(count), new Int32Array(count), new Float32Array(count)];
  const drops = dropout !== null && dropout.rate > 0 ? dropout : null;
  const keep = drops ? 1 / (1 - drops.rate) : 1;
  let at = 0;
  ids.forEach((id, r) => {
    const [from, to] = [matrix.offsets[id]!, matrix.offsets[id + 1]!];
    const value = unit && to > from ? 1 / Math.sqrt(to - from) : 1;
    for (let i = from; i < to; i++, at++) {
      rows[at] = r;
      columns[at] = matrix.ids[i]!;
      values[at] = drops && drops.stream.uniform() < drops.rate ? 0 : keep * value;
    }
  });
  if (count === 0) return tf.zeros([ids.length, w.shape[1]]);
  const entries = tf.mul(tf.gather(w, idTensor(tf, columns)), tf.tensor2d(values, [count, 1]));
  return tf.unsortedSegmentSum(entries, idTensor(tf, rows), ids.length) as Tensor2D;
}

/** Scores <top(row), weight[column]> + bias[column] of a model that turns rows of one side into units. */
export interface TensorOutput {
  readonly tf: Tf;
  /** The encoded side. */
  readonly side: Side;
  readonly weight: Tensor2D;
  /** `[columns, 1]` */
  readonly bias: Tensor2D;
  /** Units `[n, width]` of distinct entities of the encoded side. */
  encode(ids: Int32Array): Tensor2D;
}

/** Logits of aligned (row of `top`, column) pairs, `[pairs]`. */
export function pairLogits(
  { tf, weight, bias }: Pick<TensorOutput, "tf" | "weight" | "bias">,
  top: Tensor2D,
  rows: Int32Array,
  columns: Int32Array,
): Tensor1D {
  const column = idTensor(tf, columns);
  const products = tf.sum(tf.mul(tf.gather(top, idTensor(tf, rows)), tf.gather(weight, column)), 1);
  return tf.add(products, tf.reshape(tf.gather(bias, column), [columns.length]));
}

/** Logits of every column, `[n, columns]`. */
export const allLogits = (
  { tf, weight, bias }: Pick<TensorOutput, "tf" | "weight" | "bias">,
  top: Tensor2D,
): Tensor2D => tf.add(tf.matMul(top, weight, false, true), tf.reshape(bias, [1, bias.shape[0]]));

/** Scores of lists and of all items under an encoder of rows. */
export function encodedScores(output: TensorOutput, universe: Readonly<Record<Side, number>>): TensorScores {
  const { tf, side } = output;
  return {
    scores(list: ScoreList) {
      const { ids, rows, columns } = places(list, side);
      return tf.reshape(pairLogits(output, output.encode(ids), rows, columns), [list.rows, list.k]);
    },
    allScores(users) {
      if (side === "user") return allLogits(output, output.encode(users));
      const everyItem = Int32Array.from({ length: universe.item }, (_, i) => i);
      const scores = allLogits(output, output.encode(everyItem));
      return tf.gather(tf.transpose(scores), idTensor(tf, users)) as Tensor2D;
    },
  };
}

/** The pairs of a list as places among the distinct entities of the encoded side, and columns. */
function places({ side: listed, ids: own, others, rows: n, k }: ScoreList, side: Side) {
  const place = new Map<number, number>();
  const [rows, columns] = [new Int32Array(n * k), new Int32Array(n * k)];
  for (let pair = 0; pair < n * k; pair++) {
    const [near, far] = [own[Math.floor(pair / k)]!, others[pair]!];
    const [entity, column] = listed === side ? [near, far] : [far, near];
    let at = place.get(entity);
    if (at === undefined) {
      at = place.size;
      place.set(entity, at);
    }
    rows[pair] = at;
    columns[pair] = column;
  }
  return { ids: Int32Array.from(place.keys()), rows, columns };
}
