import type {
  FittedTables,
  Kernels,
  ModelInstance,
  Parameter,
  RandomStream,
  Side,
  Streams,
  TrainableModel,
} from "@kdp/plugin-api";
import { createWorkspace } from "../../losses/shared/workspace.js";
import { fittedTable } from "./fitted.js";
import { addPairGrads, indexList, type OutputLayer, outputScorer, pairScores } from "./row-scores.js";
import type { Sparse } from "./sparse.js";
import { topWidth, type VaeShape, vaeNetwork, vaeParameters, type Weight } from "./vae-network.js";
import { vaeTensors } from "./vae-tensors.js";

export interface VaeOptions {
  readonly kernels: Kernels;
  readonly streams: Streams;
  /** Rows that are encoded, of entities of {@link side}. */
  readonly matrix: Sparse;
  readonly side: Side;
  readonly hidden: readonly number[];
  readonly dropout: number;
  /** Weight of the divergence once annealed, and the epochs that annealing takes. */
  readonly beta: number;
  readonly annealEpochs: number;
}

/**
 * Variational autoencoder with multinomial likelihood (Liang et al., WWW 2018): loss of a row x is
 * -Σ_c x_c log softmax(f(z))_c + β KL(q(z|x) ‖ N(0, 1)), β rising linearly with the epochs.
 */
export function vaeModel(options: VaeOptions): ModelInstance {
  const { kernels, matrix, side, hidden } = options;
  const shape: VaeShape = { columns: matrix.cols, hidden };
  const columnSide: Side = side === "user" ? "item" : "user";
  return {
    parameters: vaeParameters(shape, columnSide),
    batches: side === "user" ? "users" : "items",
    fused: { cpu: (parameters) => trainable(options, shape, parameters) },
    tensors: vaeTensors(options, shape),
    scorer(tables) {
      const weights = Object.fromEntries(
        Object.keys(tables).map((name): [string, Weight] => [name, { value: fittedTable(tables, name).values }]),
      );
      const workspace = createWorkspace(kernels);
      const network = vaeNetwork(kernels, workspace, matrix, shape, weights);
      return outputScorer(workspace, side, outputOf(shape, weights), matrix.rows, (ids) => {
        return network.encode(ids, { dropout: null, noise: null }).top;
      });
    },
    embeddings: (_tables: FittedTables) => ({ user: null, item: null }),
  };
}

const outputOf = (shape: VaeShape, weights: Readonly<Record<string, Weight>>): OutputLayer => ({
  weight: weights["output.weight"]!,
  bias: weights["output.bias"]!,
  width: topWidth(shape),
  columns: shape.columns,
});

function trainable(
  options: VaeOptions,
  shape: VaeShape,
  parameters: Readonly<Record<string, Parameter>>,
): TrainableModel {
  const { kernels, streams, matrix, side, beta, annealEpochs } = options;
  const workspace = createWorkspace(kernels);
  const network = vaeNetwork(kernels, workspace, matrix, shape, parameters);
  // Lists are encoded in buffers of their own: the step's rows stay as they are until the base loss is done with them.
  const listed = createWorkspace(kernels);
  const lists = vaeNetwork(kernels, listed, matrix, shape, parameters);
  const scoring = createWorkspace(kernels);
  const whole = vaeNetwork(kernels, scoring, matrix, shape, parameters);
  const output = outputOf(shape, parameters);
  const latent = shape.hidden.at(-1)!;
  let drops: RandomStream | null = null;
  let draws: RandomStream | null = null;
  let epoch = -1;

  return {
    spreads: true,
    width: { user: 0, item: 0 },
    beginStep(batch) {
      if (batch.step > 0 && batch.epoch === epoch) return;
      epoch = batch.epoch;
      drops = streams.stream("dropout", epoch);
      draws = streams.stream("sampling", epoch);
    },
    baseLoss(batch, weight) {
      const ids = side === "user" ? batch.uniqueUsers : batch.uniquePositives;
      const n = ids.length;
      const noise = workspace.f32("noise", n * latent);
      draws?.fillNormal(noise, 1);
      const dropout = drops ? { rate: options.dropout, stream: drops } : null;
      const encoded = network.encode(ids, { dropout, noise });
      const annealed = beta * Math.min(1, annealEpochs === 0 ? 1 : batch.epoch / annealEpochs);
      const { width, columns } = output;
      const logits = workspace.f32("logits", n * columns);
      kernels.gemm({ m: n, n: columns, k: width, a: encoded.top, b: output.weight.value, transB: true, c: logits });
      kernels.addBias(logits, output.bias.value, n, columns, "none");
      const target = targets(ids);
      const fit = kernels.multinomialRows(logits, n, columns, target.offsets, target.columns, weight, logits);
      kernels.addBiasGrad(logits, logits, n, columns, "none", output.bias.grad!);
      const dWeight = output.weight.grad!;
      kernels.gemm({ m: columns, n: width, k: n, a: logits, transA: true, b: encoded.top, c: dWeight, beta: 1 });
      const dTop = workspace.f32("d top", n * width);
      kernels.gemm({ m: n, n: width, k: columns, a: logits, b: output.weight.value, c: dTop });
      encoded.backward(dTop, weight * annealed);
      return fit + annealed * encoded.divergence;
    },
    rows: refuse,
    addRowGrads: refuse,
    scores(list, out) {
      const { ids, row, column } = indexList(listed, side, list, matrix.rows);
      const { top } = lists.encode(ids, { dropout: null, noise: null });
      pairScores(kernels, output, top, row, column, out);
    },
    addScoreGrads(list, grads) {
      const { ids, row, column } = indexList(listed, side, list, matrix.rows);
      const encoded = lists.encode(ids, { dropout: null, noise: null });
      const dTop = listed.f32("d top", ids.length * output.width).fill(0);
      addPairGrads(kernels, output, encoded.top, row, column, grads, dTop);
      encoded.backward(dTop, 0);
    },
    scorer: () =>
      outputScorer(scoring, side, output, matrix.rows, (ids) => {
        return whole.encode(ids, { dropout: null, noise: null }).top;
      }),
  };

  /** What the likelihood counts: the rows themselves, whole. */
  function targets(ids: Int32Array) {
    const offsets = workspace.i32("target offsets", ids.length + 1);
    offsets[0] = 0;
    ids.forEach((id, r) => {
      offsets[r + 1] = offsets[r]! + matrix.offsets[id + 1]! - matrix.offsets[id]!;
    });
    const columns = workspace.i32("target columns", offsets[ids.length]!);
    ids.forEach((id, r) => {
      columns.set(matrix.ids.subarray(matrix.offsets[id]!, matrix.offsets[id + 1]!), offsets[r]!);
    });
    return { offsets, columns };
  }
}

/** The compiler refuses latent losses for a model without the embeddings view. */
function refuse(): never {
  throw new Error("an autoencoder has no embeddings");
}
