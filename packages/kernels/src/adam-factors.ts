import type { AdamOptions } from "@kdp/plugin-api";

/** What one Adam step multiplies with, the same for every number. Differences from 1 are taken in float64. */
export interface AdamFactors {
  /** learningRate / (1 - beta1^step) */
  readonly rate: number;
  readonly beta1: number;
  readonly alpha1: number;
  readonly beta2: number;
  readonly alpha2: number;
  /** 1 / (1 - beta2^step): bias correction of the second moment, applied under the root. */
  readonly correction: number;
  readonly eps: number;
  /** Coupled: what the gradient gains of the weight. Decoupled: what is kept of a weight. */
  readonly decay: number;
  /** Whether this step sets tiny first moments to 0: often enough that none becomes denormal. */
  readonly snap: boolean;
}

const SNAP_EVERY = 32;

/** Kingma & Ba 2015, algorithm 1; decoupled decay after Loshchilov & Hutter 2019. */
export function adamFactors(options: AdamOptions): AdamFactors {
  const { learningRate, weightDecay, eps, beta1, beta2, step, decoupled } = options;
  return {
    rate: learningRate / (1 - beta1 ** step),
    beta1,
    alpha1: 1 - beta1,
    beta2,
    alpha2: 1 - beta2,
    correction: 1 / (1 - beta2 ** step),
    eps,
    decay: decoupled ? 1 - learningRate * weightDecay : weightDecay,
    snap: decoupled || step % SNAP_EVERY === 0,
  };
}
