import type { TensorForm, TensorStepIO } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { Dropout } from "./sparse-batch.js";
import { allLogits, encodedScores, idTensor, sparseTimes } from "./tensor-rows.js";
import type { VaeOptions } from "./vae-model.js";
import { decoderLayers, encoderLayers, type Layer, type VaeShape } from "./vae-network.js";

/** The variational autoencoder of `vae-model.ts` in TensorFlow.js, with the same draws. */
export function vaeTensors(options: VaeOptions, shape: VaeShape): TensorForm {
  const { matrix, side, streams, beta, annealEpochs } = options;
  const encoder = encoderLayers(shape);
  const decoder = decoderLayers(shape);
  const latent = shape.hidden.at(-1)!;
  let drops = streams.stream("dropout", 0);
  let draws = streams.stream("sampling", 0);
  let epoch = -1;

  /** Units under the output layer, and Σ KL(q(z|x) ‖ N(0, 1)) for those who ask: training does, scores do not. */
  function encode(
    { tf, parameters }: Pick<TensorStepIO, "tf" | "parameters">,
    ids: Int32Array,
    noise: { readonly dropout: Dropout; readonly latent: Tensor2D } | null,
  ): { readonly top: Tensor2D; divergence(): Scalar } {
    const biased = (layer: Layer, y: Tensor2D): Tensor2D => {
      const sum = tf.add(y, parameters[`${layer.name}.bias`]!) as Tensor2D;
      return layer.activation === "tanh" ? tf.tanh(sum) : sum;
    };
    const dense = (layer: Layer, x: Tensor2D) =>
      biased(layer, tf.matMul(x, parameters[`${layer.name}.weight`]!, false, true));
    const bottom = encoder[0]!;
    const weight = parameters[`${bottom.name}.weight`]!;
    let up = biased(bottom, sparseTimes(tf, { matrix, unit: true }, ids, noise?.dropout ?? null, weight));
    for (const layer of encoder.slice(1)) up = dense(layer, up);
    const mean = tf.slice(up, [0, 0], [ids.length, latent]);
    const logVariance = tf.slice(up, [0, latent], [ids.length, latent]);
    let down: Tensor2D = noise ? tf.add(mean, tf.mul(tf.exp(tf.mul(0.5, logVariance)), noise.latent)) : mean;
    for (const layer of decoder) down = dense(layer, down);
    return {
      top: down,
      divergence() {
        const spread = tf.sub(tf.add(tf.exp(logVariance), tf.square(mean)), tf.add(1, logVariance));
        return tf.mul(0.5, tf.sum(spread));
      },
    };
  }

  return {
    forward({ tf, batch, parameters }) {
      if (batch.step === 0 || batch.epoch !== epoch) {
        epoch = batch.epoch;
        drops = streams.stream("dropout", epoch);
        draws = streams.stream("sampling", epoch);
      }
      const io = { tf, parameters };
      const output = {
        tf,
        side,
        weight: parameters["output.weight"]!,
        bias: parameters["output.bias"]!,
        encode: (ids: Int32Array) => encode(io, ids, null).top,
      };
      const universe =
        side === "user" ? { user: matrix.rows, item: matrix.cols } : { user: matrix.cols, item: matrix.rows };
      return {
        ...encodedScores(output, universe),
        rows() {
          throw new Error("an autoencoder has no embeddings");
        },
        baseLoss() {
          const ids = (side === "user" ? batch.uniqueUsers : batch.uniquePositives).slice();
          const noise = new Float32Array(ids.length * latent);
          draws.fillNormal(noise, 1);
          const { top, divergence } = encode(io, ids, {
            dropout: { rate: options.dropout, stream: drops },
            latent: tf.tensor2d(noise, [ids.length, latent]),
          });
          const annealed = beta * Math.min(1, annealEpochs === 0 ? 1 : batch.epoch / annealEpochs);
          return tf.add(likelihood(io, ids, allLogits(output, top)), tf.mul(divergence(), annealed));
        },
      };
    },
  };

  /** -Σ over the rows' own columns of log softmax: the rows count whole, without dropout. */
  function likelihood({ tf }: Pick<TensorStepIO, "tf">, ids: Int32Array, logits: Tensor2D): Scalar {
    const places: number[] = [];
    const sizes = new Float32Array(ids.length);
    ids.forEach((id, r) => {
      const [from, to] = [matrix.offsets[id]!, matrix.offsets[id + 1]!];
      sizes[r] = to - from;
      for (let at = from; at < to; at++) places.push(r * matrix.cols + matrix.ids[at]!);
    });
    const normaliser = tf.sum(tf.mul(tf.logSumExp(logits, 1), tf.tensor1d(sizes)));
    if (places.length === 0) return normaliser as Scalar;
    const own = tf.gather(tf.reshape(logits, [logits.size]), idTensor(tf, Int32Array.from(places)));
    return tf.sub(normaliser, tf.sum(own)) as Scalar;
  }
}
