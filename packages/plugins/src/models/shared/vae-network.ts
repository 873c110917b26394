import type { Activation, Kernels, ParameterSpec, Side } from "@kdp/plugin-api";
import type { Workspace } from "../../losses/shared/workspace.js";
import type { Sparse } from "./sparse.js";
import { type Dropout, type SparseBatch, sparseInput } from "./sparse-batch.js";

/** Sizes of a variational autoencoder of sparse rows. */
export interface VaeShape {
  /** Columns of a row: what the output is a distribution over. */
  readonly columns: number;
  /** Widths from the input inwards; the last is the latent space. The decoder mirrors them. */
  readonly hidden: readonly number[];
}

/** Value and, while training, gradient of a parameter. */
export interface Weight {
  readonly value: Float32Array;
  readonly grad?: Float32Array;
}

export interface Layer {
  readonly name: string;
  readonly into: number;
  readonly out: number;
  readonly activation: Activation;
}

/** Layers of the encoder: tanh, and a linear head for mean and log-variance side by side. */
export function encoderLayers({ columns, hidden }: VaeShape): readonly Layer[] {
  const widths = [columns, ...hidden];
  return hidden.map((size, l) => {
    const last = l === hidden.length - 1;
    return { name: `encoder.${l}`, into: widths[l]!, out: last ? 2 * size : size, activation: last ? "none" : "tanh" };
  });
}

/** Layers of the decoder below its output. */
export function decoderLayers({ hidden }: VaeShape): readonly Layer[] {
  const inward = [...hidden].reverse();
  return inward.slice(1).map((out, l) => ({ name: `decoder.${l}`, into: inward[l]!, out, activation: "tanh" }));
}

/** Width of the units that the output layer reads. */
export const topWidth = ({ hidden }: VaeShape): number => hidden[0]!;

/** Xavier-uniform weights, biases N(0, .001²). @param side whose entities the columns are */
export function vaeParameters(shape: VaeShape, side: Side): readonly ParameterSpec[] {
  const bias = { kind: "normal", stddev: 0.001 } as const;
  const layers = [...encoderLayers(shape), ...decoderLayers(shape)].flatMap(({ name, into, out }): ParameterSpec[] => {
    const init = { kind: "xavier-uniform", fanIn: into, fanOut: out } as const;
    // The first layer reads sparse rows, so it is kept a row per column of the input.
    const weight: ParameterSpec =
      name === "encoder.0"
        ? { name: `${name}.weight`, rows: into, cols: out, init, entity: side }
        : { name: `${name}.weight`, rows: out, cols: into, init };
    return [weight, { name: `${name}.bias`, rows: 1, cols: out, init: bias }];
  });
  const top = topWidth(shape);
  const init = { kind: "xavier-uniform", fanIn: top, fanOut: shape.columns } as const;
  return [
    ...layers,
    { name: "output.weight", rows: shape.columns, cols: top, init, entity: side },
    { name: "output.bias", rows: shape.columns, cols: 1, init: bias, entity: side },
  ];
}

export interface Encoded {
  readonly n: number;
  /** Units under the output layer, `[n, top]`. */
  readonly top: Float32Array;
  /** Σ KL(q(z|x) ‖ N(0, 1)) */
  readonly divergence: number;
  /** Sends the gradient of `top` and `beta` times that of the divergence back to the parameters. */
  backward(dTop: Float32Array, beta: number): void;
}

export interface EncodeOptions {
  readonly dropout: Dropout | null;
  /** Standard normal numbers `[n, latent]`; null takes the mean. */
  readonly noise: Float32Array | null;
}

/** Everything of the autoencoder below its output layer. */
export interface VaeNetwork {
  /** Valid until the next call. @param ids rows, distinct */
  encode(ids: Int32Array, options: EncodeOptions): Encoded;
}

export function vaeNetwork(
  kernels: Kernels,
  workspace: Workspace,
  matrix: Sparse,
  shape: VaeShape,
  weights: Readonly<Record<string, Weight>>,
): VaeNetwork {
  const encoder = encoderLayers(shape);
  const decoder = decoderLayers(shape);
  const latent = shape.hidden.at(-1)!;
  const weight = (layer: Layer) => weights[`${layer.name}.weight`]!;
  const bias = (layer: Layer) => weights[`${layer.name}.bias`]!;

  function dense(layer: Layer, x: Float32Array, n: number): Float32Array {
    const { into, out, activation } = layer;
    const y = workspace.f32(layer.name, n * out);
    kernels.gemm({ m: n, n: out, k: into, a: x, b: weight(layer).value, transB: true, c: y });
    kernels.addBias(y, bias(layer).value, n, out, activation);
    return y;
  }

  /** Gradient of a layer's input; `dy` becomes that before the activation. */
  function denseBack(layer: Layer, x: Float32Array, y: Float32Array, dy: Float32Array, n: number): Float32Array {
    const { into, out, activation } = layer;
    kernels.addBiasGrad(y, dy, n, out, activation, bias(layer).grad!);
    kernels.gemm({ m: out, n: into, k: n, a: dy, transA: true, b: x, c: weight(layer).grad!, beta: 1 });
    const dx = workspace.f32(`d ${layer.name}`, n * into);
    kernels.gemm({ m: n, n: into, k: out, a: dy, b: weight(layer).value, c: dx });
    return dx;
  }

  function first(input: SparseBatch): Float32Array {
    const layer = encoder[0]!;
    const y = workspace.f32(layer.name, input.rows * layer.out);
    input.times(weight(layer).value, layer.out, y);
    kernels.addBias(y, bias(layer).value, input.rows, layer.out, layer.activation);
    return y;
  }

  return {
    encode(ids, { dropout, noise }) {
      const n = ids.length;
      const input = sparseInput({ kernels, workspace, matrix, unit: true }, ids, dropout);
      const up: Float32Array[] = [first(input)];
      for (const layer of encoder.slice(1)) up.push(dense(layer, up.at(-1)!, n));
      const heads = up.at(-1)!;
      const z = workspace.f32("z", n * latent);
      const divergence = sampleLatent({ heads, n, latent, noise }, z);
      const down: Float32Array[] = [z];
      for (const layer of decoder) down.push(dense(layer, down.at(-1)!, n));
      return {
        n,
        top: down.at(-1)!,
        divergence,
        backward(dTop, beta) {
          let d = dTop;
          for (let l = decoder.length - 1; l >= 0; l--) d = denseBack(decoder[l]!, down[l]!, down[l + 1]!, d, n);
          d = latentBack({ heads, n, latent, noise }, d, beta, workspace.f32("d heads", n * 2 * latent));
          for (let l = encoder.length - 1; l > 0; l--) d = denseBack(encoder[l]!, up[l - 1]!, up[l]!, d, n);
          const bottom = encoder[0]!;
          kernels.addBiasGrad(up[0]!, d, n, bottom.out, bottom.activation, bias(bottom).grad!);
          input.addTransposed(d, bottom.out, weight(bottom).grad!);
        },
      };
    },
  };
}

interface Latent {
  /** `[n, 2 latent]`: mean, then log-variance. */
  readonly heads: Float32Array;
  readonly n: number;
  readonly latent: number;
  readonly noise: Float32Array | null;
}

/** z = μ + σ ε (Kingma & Welling 2014); returns Σ ½ (e^{log σ²} + μ² - 1 - log σ²). */
function sampleLatent({ heads, n, latent, noise }: Latent, z: Float32Array): number {
  let divergence = 0;
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < latent; c++) {
      const mean = heads[2 * r * latent + c]!;
      const logVariance = heads[(2 * r + 1) * latent + c]!;
      divergence += 0.5 * (Math.exp(logVariance) + mean * mean - 1 - logVariance);
      z[r * latent + c] = noise ? mean + Math.exp(0.5 * logVariance) * noise[r * latent + c]! : mean;
    }
  }
  return divergence;
}

function latentBack(
  { heads, n, latent, noise }: Latent,
  dz: Float32Array,
  beta: number,
  dHeads: Float32Array,
): Float32Array {
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < latent; c++) {
      const at = 2 * r * latent + c;
      const mean = heads[at]!;
      const logVariance = heads[at + latent]!;
      const g = dz[r * latent + c]!;
      dHeads[at] = g + beta * mean;
      const through = noise ? 0.5 * g * Math.exp(0.5 * logVariance) * noise[r * latent + c]! : 0;
      dHeads[at + latent] = through + 0.5 * beta * (Math.exp(logVariance) - 1);
    }
  }
  return dHeads;
}
