import {
  defineModel,
  float,
  type Interactions,
  int,
  type ModelInstance,
  type Parameter,
  type Side,
  type TensorForm,
  type TrainableModel,
} from "@kdp/plugin-api";
import type { Scalar, Tensor1D } from "@tensorflow/tfjs-core";
import { createWorkspace } from "../losses/shared/workspace.js";
import { fittedTable, sameWidth } from "./shared/fitted.js";
import { createPropagation, type Pair } from "./shared/propagation.js";
import { edgeTensors, tensorMean } from "./shared/tensor-propagation.js";
import { idTensor } from "./shared/tensor-rows.js";

/**
 * LightGCN (He et al., SIGIR 2020): embeddings smoothed over the graph of interactions, e = mean over layers of Âˡ e⁰ with
 * Â = D^-½ A D^-½; score(u, i) = <e_u, e_i>, BPR loss plus an L2 penalty on the layer-0 rows of each triplet.
 */
export const lightgcn = defineModel({
  doc: "LightGCN (He et al., SIGIR 2020): embeddings propagated over the graph of training interactions, BPR loss.",
  views: ["ranking", "scores", "embeddings"],
  student: true,
  trained: true,
  width: "dim",
  memory: {
    parameters: [
      ["users", "dim"],
      ["items", "dim"],
    ],
    // The propagated mean, its gradient, and three buffers of the propagation; the graph from both sides with its weights;
    // rows of a step, for the penalty.
    bytes: [
      ["users", "dim", 20],
      ["items", "dim", 20],
      ["interactions", 24],
      ["batch", "dim", 4],
    ],
  },
  factors: true,
  params: {
    dim: int({ default: 64, min: 1, doc: "Width of the embeddings.", source: "LightGCN" }),
    layers: int({ default: 3, min: 0, doc: "Propagation steps; 0 is plain matrix factorisation.", source: "LightGCN" }),
    penalty: float({
      default: 1e-4,
      min: 0,
      doc: "L2 penalty on the layer-0 rows of each triplet (½ λ |e⁰|²).",
      source: "LightGCN",
    }),
    weight_decay: float({
      default: 0,
      min: 0,
      doc: "L2 penalty on all parameters through the optimiser; `penalty` does its work here.",
      source: "LightGCN",
    }),
  },
  create({ params, users, items, train, kernels }): ModelInstance {
    const { dim: cols, layers, penalty } = params;
    const init = { kind: "normal", stddev: 0.01 } as const;
    return {
      parameters: [
        { name: "user", rows: users, cols, init, entity: "user" },
        { name: "item", rows: items, cols, init, entity: "item" },
      ],
      batches: "pairwise",
      fused: { cpu: ({ user, item }) => graphModel(user!, item!) },
      tensors: tensorForm(train, layers, penalty),
      scorer(tables) {
        const { user, item } = propagated(fittedTable(tables, "user"), fittedTable(tables, "item"));
        return { kind: "dot", user, item, cols };
      },
      embeddings(tables) {
        // What a student sees is the propagated mean, not layer 0.
        const { user, item } = propagated(fittedTable(tables, "user"), fittedTable(tables, "item"));
        return { user: { cols, values: user }, item: { cols, values: item } };
      },
    };

    function propagated(user: Tables, item: Tables): Pair {
      sameWidth(user, item);
      const out = { user: kernels.f32(users * cols), item: kernels.f32(items * cols) };
      const start = { user: kernels.f32From(user.values), item: kernels.f32From(item.values) };
      const propagation = createPropagation(kernels, train, cols, layers);
      propagation.mean(start, out);
      propagation.free();
      kernels.free(start.user);
      kernels.free(start.item);
      return out;
    }

    function graphModel(user: Parameter, item: Parameter): TrainableModel {
      const propagation = createPropagation(kernels, train, cols, layers);
      const start: Pair = { user: user.value, item: item.value };
      const final: Pair = { user: kernels.f32(users * cols), item: kernels.f32(items * cols) };
      const grads: Pair = { user: kernels.f32(users * cols), item: kernels.f32(items * cols) };
      const workspace = createWorkspace(kernels);
      let inStep = false;
      /** Between steps the optimiser, or a restored checkpoint, may have moved the parameters. */
      const refresh = () => {
        if (!inStep) propagation.mean(start, final);
      };

      /** ½ λ Σ |e⁰|² over the rows of the triplets; its gradient goes straight to the parameters. */
      function penalise(parameter: Parameter, ids: Int32Array, weight: number): number {
        const n = ids.length;
        const rows = workspace.f32("penalised", n * cols);
        const squares = workspace.f32("squares", n);
        kernels.gatherRows(parameter.value, cols, ids, n, rows);
        kernels.scatterAddRows(parameter.grad, cols, ids, n, rows, penalty * weight);
        kernels.dotLists(parameter.value, parameter.value, cols, ids, ids, n, 1, squares);
        return 0.5 * penalty * squares.reduce((sum, x) => sum + x, 0);
      }

      return {
        spreads: true,
        width: { user: cols, item: cols },
        beginStep() {
          propagation.mean(start, final);
          inStep = true;
        },
        baseLoss({ users: u, positives: i, negatives: j, size }, weight) {
          const fit = kernels.bpr(final.user, final.item, cols, u, i, j, size, grads.user, grads.item, weight);
          if (penalty === 0) return fit;
          return fit + penalise(user, u, weight) + penalise(item, i, weight) + penalise(item, j, weight);
        },
        rows(side, ids, n, out) {
          refresh();
          kernels.gatherRows(final[side], cols, ids, n, out);
        },
        addRowGrads: (side, ids, n, rows) => kernels.scatterAddRows(grads[side], cols, ids, n, rows, 1),
        scores({ side, ids, others, rows, k }, out) {
          refresh();
          const far = side === "user" ? "item" : "user";
          kernels.dotLists(final[side], final[far], cols, ids, others, rows, k, out);
        },
        addScoreGrads({ side, ids, others, rows, k }, dOut) {
          const far = side === "user" ? "item" : "user";
          kernels.dotListsGrad(final[side], final[far], cols, ids, others, rows, k, dOut, grads[side], grads[far]);
        },
        endStep() {
          // Â is symmetric: the gradient is propagated by the same mean.
          propagation.addMean(grads, { user: user.grad, item: item.grad });
          grads.user.fill(0);
          grads.item.fill(0);
          inStep = false;
        },
        scorer() {
          refresh();
          return { kind: "dot", user: final.user, item: final.item, cols };
        },
        dot: () => ({ ...final, dUser: grads.user, dItem: grads.item, cols }),
      };
    }
  },
});

type Tables = ReturnType<typeof fittedTable>;

/** The same in TensorFlow.js, differentiated as a whole. */
function tensorForm(train: Interactions, layers: number, penalty: number): TensorForm {
  return {
    constants: (tf) => edgeTensors(tf, train),
    forward({ tf, batch, parameters, constants, dot }) {
      const start = { user: parameters.user!, item: parameters.item! };
      const final = tensorMean(tf, constants, start, layers);
      const ids = (values: Int32Array) => idTensor(tf, values.subarray(0, batch.size));
      return {
        ...dot(final.user, final.item),
        rows: (side, wanted) => tf.gather(final[side], idTensor(tf, wanted)),
        baseLoss() {
          const [u, i, j] = [ids(batch.users), ids(batch.positives), ids(batch.negatives)];
          const better = tf.sub(tf.gather(final.item, i), tf.gather(final.item, j));
          const margin = tf.sum(tf.mul(tf.gather(final.user, u), better), 1);
          const fit = tf.sum(tf.softplus(tf.neg(margin))) as Scalar;
          if (penalty === 0) return fit;
          const size = (side: Side, rows: Tensor1D) => tf.sum(tf.square(tf.gather(start[side], rows)));
          const sizes = tf.addN([size("user", u), size("item", i), size("item", j)]);
          return tf.add(fit, tf.mul(sizes, 0.5 * penalty));
        },
      };
    },
  };
}
