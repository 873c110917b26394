import type {
  FittedTables,
  Kernels,
  ModelInstance,
  Parameter,
  RowWiseForm,
  Side,
  Tf,
  TrainableModel,
} from "@kdp/plugin-api";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { createWorkspace } from "../../losses/shared/workspace.js";
import { fittedTable } from "./fitted.js";
import { type PairShape, pairNetwork, pairParameters, rowWidth } from "./pair-network.js";
import { pairScorer } from "./pair-scorer.js";

export interface PairModelOptions {
  readonly kernels: Kernels;
  readonly users: number;
  readonly items: number;
  readonly shape: PairShape;
  /** Columns of the rows that latent losses see. */
  readonly representation: readonly [from: number, to: number];
}

/** A model that scores pairs by a network and learns from the binary cross-entropy of positives (1) and negatives (0). */
export function pairModel({ kernels, users, items, shape, representation }: PairModelOptions): ModelInstance {
  const cols = rowWidth(shape);
  const init = { kind: "normal", stddev: 0.01 } as const;
  const shared = pairParameters(shape);
  const [from, to] = representation;
  const part = (tables: FittedTables, side: Side) => {
    const { rows, values } = fittedTable(tables, side);
    const out = new Float32Array(rows * (to - from));
    for (let r = 0; r < rows; r++) out.set(values.subarray(r * cols + from, r * cols + to), r * (to - from));
    return { cols: to - from, values: out };
  };
  return {
    parameters: [
      { name: "user", rows: users, cols, init, entity: "user" },
      { name: "item", rows: items, cols, init, entity: "item" },
      ...shared,
    ],
    batches: "pointwise",
    rowWise: rowWise(shape, representation),
    fused: { cpu: (parameters) => fused(kernels, shape, representation, parameters) },
    scorer: (tables) => pairScorer(kernels, createWorkspace(kernels), shape, tables),
    embeddings: (tables) => ({ user: part(tables, "user"), item: part(tables, "item") }),
  };
}

function rowWise(shape: PairShape, representation: readonly [number, number]): RowWiseForm {
  const logits = (tf: Tf, user: Tensor2D, item: Tensor2D, dense: Readonly<Record<string, Tensor>>) => {
    const { product, tower, hidden } = shape;
    const columns = (rows: Tensor2D, start: number, size: number) => tf.slice(rows, [0, start], [rows.shape[0], size]);
    let units: Tensor = tf.concat([columns(user, product, tower), columns(item, product, tower)], 1);
    for (let l = 0; l < hidden.length; l++) {
      const linear = tf.matMul(units, dense[`layer.${l}.weight`]!, false, true);
      units = tf.relu(tf.add(linear, dense[`layer.${l}.bias`]!));
    }
    const read =
      product > 0 ? tf.concat([tf.mul(columns(user, 0, product), columns(item, 0, product)), units], 1) : units;
    return tf.reshape(tf.add(tf.matMul(read, dense["output.weight"]!, false, true), dense["output.bias"]!), [
      user.shape[0],
    ]) as ReturnType<RowWiseForm["scores"]>;
  };
  return {
    tables: { user: "user", item: "item" },
    representation: { user: representation, item: representation },
    scores: ({ tf, user, item, dense }) => logits(tf, user, item, dense),
    baseLoss({ tf, user, positive, negative, dense }) {
      const ones = tf.softplus(tf.neg(logits(tf, user, positive, dense)));
      const zeros = tf.softplus(logits(tf, user, negative, dense));
      return tf.sum(tf.add(ones, zeros));
    },
  };
}

function fused(
  kernels: Kernels,
  shape: PairShape,
  [from, to]: readonly [number, number],
  parameters: Readonly<Record<string, Parameter>>,
): TrainableModel {
  const network = pairNetwork(kernels, shape, parameters);
  const workspace = createWorkspace(kernels);
  const scoring = createWorkspace(kernels);
  const width = to - from;
  const tables: Readonly<Record<Side, Parameter>> = { user: parameters.user!, item: parameters.item! };

  /** The pairs of a list, user by user or item by item. */
  function pairsOf(side: Side, ids: Int32Array, others: Int32Array, rows: number, k: number) {
    const own = workspace.i32("own", rows * k);
    for (let r = 0; r < rows; r++) own.fill(ids[r]!, r * k, (r + 1) * k);
    const far = others.subarray(0, rows * k);
    return side === "user" ? { users: own, items: far } : { users: far, items: own };
  }

  return {
    width: { user: width, item: width },
    baseLoss({ users, positives, negatives, size }, weight) {
      let sum = 0;
      for (const [items, label] of [
        [positives, 1],
        [negatives, 0],
      ] as const) {
        network.run(users.subarray(0, size), items.subarray(0, size), (logits) => {
          const n = logits.length;
          const labels = workspace.f32("labels", n).fill(label);
          const d = workspace.f32("logit gradients", n);
          sum += kernels.binaryCrossEntropy(logits, labels, null, n, weight, d);
          return d;
        });
      }
      return sum;
    },
    rows(side, ids, n, out) {
      const { value, cols } = tables[side];
      for (let r = 0; r < n; r++) out.set(value.subarray(ids[r]! * cols + from, ids[r]! * cols + to), r * width);
    },
    addRowGrads(side, ids, n, grads) {
      const { grad, cols } = tables[side];
      for (let r = 0; r < n; r++) {
        for (let c = 0; c < width; c++) grad[ids[r]! * cols + from + c]! += grads[r * width + c]!;
      }
    },
    scores({ side, ids, others, rows, k }, out) {
      const { users, items } = pairsOf(side, ids, others, rows, k);
      network.run(users, items, (logits, at) => {
        out.set(logits, at);
        return null;
      });
    },
    addScoreGrads({ side, ids, others, rows, k }, grads) {
      const { users, items } = pairsOf(side, ids, others, rows, k);
      network.run(users, items, (logits, at) => grads.subarray(at, at + logits.length));
    },
    scorer: () => pairScorer(kernels, scoring, shape, tablesOf(parameters)),
  };
}

const tablesOf = (parameters: Readonly<Record<string, Parameter>>): FittedTables =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, { rows, cols, value }]) => [name, { rows, cols, values: value }]),
  );
