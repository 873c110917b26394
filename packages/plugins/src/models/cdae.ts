import {
  defineModel,
  float,
  int,
  type ModelInstance,
  oneOf,
  type Parameter,
  type TensorForm,
  type TrainableModel,
} from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { createWorkspace } from "../losses/shared/workspace.js";
import { fittedTable } from "./shared/fitted.js";
import { addPairGrads, indexList, type OutputLayer, outputScorer, pairScores } from "./shared/row-scores.js";
import { rowsOf } from "./shared/sparse.js";
import { type Dropout, sparseInput } from "./shared/sparse-batch.js";
import { encodedScores, idTensor, pairLogits, sparseTimes } from "./shared/tensor-rows.js";
import type { Weight } from "./shared/vae-network.js";

/**
 * Collaborative denoising autoencoder (Wu et al., WSDM 2016): h_u = f(W x̃_u + v_u + b) from the corrupted row x̃_u,
 * score(u, i) = <h_u, w_i> + b_i, binary cross-entropy over the user's items and sampled zeros.
 */
export const cdae = defineModel({
  doc: "Collaborative denoising autoencoder (Wu et al., WSDM 2016): a user's items and an embedding of the user, one hidden layer.",
  views: ["ranking", "scores"],
  student: true,
  trained: true,
  width: "dim",
  memory: {
    parameters: [["users", "dim"], ["items", "dim", 2], ["items"]],
    bytes: [["interactions", 8]],
  },
  params: {
    dim: int({ default: 60, min: 1, doc: "Hidden units.", source: "RS_Implicit_Feedback_PyTorch" }),
    noise: float({
      default: 0.2,
      min: 0,
      max: 0.99,
      doc: "Share of the input that is dropped.",
      source: "RS_Implicit_Feedback_PyTorch",
    }),
    activation: oneOf(["relu", "sigmoid", "tanh"], {
      default: "relu",
      doc: "Function of the hidden units; BD uses sigmoid.",
      source: "RS_Implicit_Feedback_PyTorch",
    }),
    negatives: int({ default: 5, min: 1, doc: "Zeros drawn per positive.", source: "RS_Implicit_Feedback_PyTorch" }),
    batch: int({ default: 256, min: 1, doc: "Users in a step." }),
    learning_rate: float({
      default: 1e-2,
      min: 0,
      exclusiveMin: true,
      doc: "Step size of the optimiser.",
      source: "RS_Implicit_Feedback_PyTorch",
    }),
    weight_decay: float({
      default: 1e-4,
      min: 0,
      doc: "L2 penalty on all parameters.",
      source: "RS_Implicit_Feedback_PyTorch",
    }),
  },
  create({ params, users, items, train, kernels, streams }): ModelInstance {
    const { dim: width, noise, activation, negatives } = params;
    const matrix = rowsOf(train);
    const linear = (fanIn: number) => ({ kind: "kaiming-uniform", a: Math.sqrt(5), fanIn }) as const;
    const bias = (fanIn: number) => ({ kind: "uniform", bound: 1 / Math.sqrt(fanIn) }) as const;
    return {
      parameters: [
        { name: "user", rows: users, cols: width, init: { kind: "normal", stddev: 0.01 }, entity: "user" },
        { name: "encoder.weight", rows: items, cols: width, init: linear(items), entity: "item" },
        { name: "encoder.bias", rows: 1, cols: width, init: bias(items) },
        { name: "output.weight", rows: items, cols: width, init: linear(width), entity: "item" },
        { name: "output.bias", rows: items, cols: 1, init: bias(width), entity: "item" },
      ],
      batches: "users",
      fused: { cpu: trainable },
      tensors: tensorForm(),
      scorer(tables) {
        const weights = Object.fromEntries(
          Object.keys(tables).map((name): [string, Weight] => [name, { value: fittedTable(tables, name).values }]),
        );
        const encoder = createEncoder(weights);
        const scoring = createWorkspace(kernels);
        return outputScorer(scoring, "user", outputOf(weights), users, (ids) => encoder(ids, null).top);
      },
      embeddings: () => ({ user: null, item: null }),
    };

    function outputOf(weights: Readonly<Record<string, Weight>>): OutputLayer {
      return { weight: weights["output.weight"]!, bias: weights["output.bias"]!, width, columns: items };
    }

    /** Hidden units of some users, with their way back. */
    function createEncoder(weights: Readonly<Record<string, Weight>>) {
      const workspace = createWorkspace(kernels);
      const [input, user, inputBias] = [weights["encoder.weight"]!, weights.user!, weights["encoder.bias"]!];
      return (ids: Int32Array, dropout: Dropout | null) => {
        const n = ids.length;
        const rows = sparseInput({ kernels, workspace, matrix, unit: false }, ids, dropout);
        const top = workspace.f32("units", n * width);
        const own = workspace.f32("own", n * width);
        rows.times(input.value, width, top);
        kernels.gatherRows(user.value, width, ids, n, own);
        for (let i = 0; i < top.length; i++) top[i]! += own[i]!;
        kernels.addBias(top, inputBias.value, n, width, activation);
        return {
          top,
          backward(dTop: Float32Array) {
            kernels.addBiasGrad(top, dTop, n, width, activation, inputBias.grad!);
            kernels.scatterAddRows(user.grad!, width, ids, n, dTop, 1);
            rows.addTransposed(dTop, width, input.grad!);
          },
        };
      };
    }

    /** The same in TensorFlow.js, with the same draws. */
    function tensorForm(): TensorForm {
      let drops = streams.stream("dropout", 0);
      let epoch = -1;
      return {
        forward({ tf, batch, parameters }) {
          if (batch.step === 0 || batch.epoch !== epoch) {
            epoch = batch.epoch;
            drops = streams.stream("dropout", epoch);
          }
          const units = (ids: Int32Array, dropout: Dropout | null): Tensor2D => {
            const items = sparseTimes(tf, { matrix, unit: false }, ids, dropout, parameters["encoder.weight"]!);
            const own = tf.gather(parameters.user!, idTensor(tf, ids));
            return tf[activation](tf.add(tf.add(items, own), parameters["encoder.bias"]!));
          };
          const output = {
            tf,
            side: "user" as const,
            weight: parameters["output.weight"]!,
            bias: parameters["output.bias"]!,
            encode: (ids: Int32Array) => units(ids, null),
          };
          return {
            ...encodedScores(output, { user: users, item: items }),
            rows: refuse,
            baseLoss() {
              const { uniqueUsers, users: of, positives, negatives: zeros, size } = batch;
              const place = new Map(Array.from(uniqueUsers, (id, r) => [id, r]));
              const rows = Int32Array.from(of.subarray(0, size), (id) => place.get(id)!);
              // A positive stands once before each of its zeros; it counts once.
              const first = (values: Int32Array) => values.subarray(0, size).filter((_, t) => t % negatives === 0);
              const top = units(uniqueUsers.slice(), { rate: noise, stream: drops });
              const ones = pairLogits(output, top, first(rows), first(positives));
              const others = pairLogits(output, top, rows, zeros.slice(0, size));
              return tf.add(tf.sum(tf.softplus(tf.neg(ones))), tf.sum(tf.softplus(others)));
            },
          };
        },
      };
    }

    function trainable(parameters: Readonly<Record<string, Parameter>>): TrainableModel {
      const workspace = createWorkspace(kernels);
      const scoring = createWorkspace(kernels);
      const encodeStep = createEncoder(parameters);
      const encodeList = createEncoder(parameters);
      const output = outputOf(parameters);
      let drops = streams.stream("dropout", 0);
      let epoch = -1;
      return {
        spreads: true,
        width: { user: 0, item: 0 },
        beginStep(batch) {
          if (batch.step > 0 && batch.epoch === epoch) return;
          epoch = batch.epoch;
          drops = streams.stream("dropout", epoch);
        },
        baseLoss({ uniqueUsers: ids, users: of, positives, negatives: zeros, size }, weight) {
          const { top, backward } = encodeStep(ids, { rate: noise, stream: drops });
          const place = workspace.i32("places", users);
          ids.forEach((id, r) => {
            place[id] = r;
          });
          // A positive stands once before each of its zeros; it counts once.
          const once = Math.ceil(size / negatives);
          const row = workspace.i32("rows", once + size);
          const column = workspace.i32("columns", once + size);
          const labels = workspace.f32("labels", once + size);
          for (let t = 0; t < size; t++) {
            row[once + t] = place[of[t]!]!;
            column[once + t] = zeros[t]!;
            labels[once + t] = 0;
            if (t % negatives !== 0) continue;
            row[t / negatives] = place[of[t]!]!;
            column[t / negatives] = positives[t]!;
            labels[t / negatives] = 1;
          }
          const logits = workspace.f32("logits", once + size);
          pairScores(kernels, output, top, row, column, logits);
          const sum = kernels.binaryCrossEntropy(logits, labels, null, once + size, weight, logits);
          const dTop = workspace.f32("d top", top.length).fill(0);
          addPairGrads(kernels, output, top, row, column, logits, dTop);
          backward(dTop);
          return sum;
        },
        rows: refuse,
        addRowGrads: refuse,
        scores(list, out) {
          const { ids, row, column } = indexList(workspace, "user", list, users);
          pairScores(kernels, output, encodeList(ids, null).top, row, column, out);
        },
        addScoreGrads(list, grads) {
          const { ids, row, column } = indexList(workspace, "user", list, users);
          const { top, backward } = encodeList(ids, null);
          const dTop = workspace.f32("d top", top.length).fill(0);
          addPairGrads(kernels, output, top, row, column, grads, dTop);
          backward(dTop);
        },
        scorer: () => outputScorer(scoring, "user", output, users, (ids) => encodeList(ids, null).top),
      };
    }
  },
});

/** The compiler refuses latent losses for a model without the embeddings view. */
function refuse(): never {
  throw new Error("cdae has no embeddings");
}
