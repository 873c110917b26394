import type { AdamOptions, Parameter, Side, StepOptions, Tf } from "@kdp/plugin-api";
import type { DeviceKernels } from "@kdp/plugin-api/device";
import type { Tensor, Tensor1D, Variable } from "@tensorflow/tfjs-core";
import { type OptimiserSettings, optimiserConstants } from "../../training/optimiser.js";

/** Rows of each side that a step touched; null means all. */
export type Touched = Readonly<Record<Side, Int32Array>> | null;

/** A parameter on a device, with what its optimiser remembers of it. */
export interface ResidentParameter {
  readonly host: Parameter;
  readonly value: Variable;
  /** By the names of the CPU's optimiser: `m`, `v`, or `sum`. */
  readonly memory: Readonly<Record<string, Variable>>;
}

/** Steps of an optimiser on a device: by its own kernels, or by TensorFlow.js operations. */
export interface ResidentOptimiser {
  /** Names of what it remembers of each parameter. */
  readonly memories: readonly string[];
  /** True when it wants to know the touched rows. */
  readonly sparse: boolean;
  /** @param grads aligned with the parameters; null where no term reaches a parameter. @param step 1 for the first */
  step(
    parameters: readonly ResidentParameter[],
    grads: readonly (Tensor | null)[],
    step: number,
    touched: Touched,
  ): void;
}

export function residentOptimiser(tf: Tf, kernels: DeviceKernels, settings: OptimiserSettings): ResidentOptimiser {
  const { learningRate, weightDecay, decoupled } = settings;
  const { beta1, beta2, adamEps, adagradEps } = optimiserConstants;
  const coupled = decoupled ? 0 : weightDecay;
  const options: StepOptions = { learningRate, weightDecay: coupled, eps: 0 };

  /** Weights after decoupled decay, for kernels that have none of their own. */
  const shrink = (value: Variable) => {
    if (decoupled && weightDecay !== 0) value.assign(tf.mul(value, 1 - learningRate * weightDecay));
  };

  switch (settings.optimizer) {
    case "adam":
    case "lazy_adam": {
      const sparse = settings.optimizer === "lazy_adam";
      return {
        memories: ["m", "v"],
        sparse,
        step(parameters, grads, step, touched) {
          const adam: AdamOptions = { learningRate, weightDecay, eps: adamEps, beta1, beta2, step, decoupled };
          parameters.forEach(({ host, value, memory }, i) => {
            const { m, v } = memory as { readonly m: Variable; readonly v: Variable };
            tf.tidy(() => {
              const grad = grads[i] ?? tf.zerosLike(value);
              const rows = sparse && host.entity && touched ? touched[host.entity] : null;
              if (rows && rows.length === 0) return;
              if (rows) lazyAdam(tf, kernels, { value, grad, m, v }, rows, adam);
              else if (kernels.adam) kernels.adam(value, grad, m, v, adam);
              else assign({ value, m, v }, adamStep(tf, { value, grad, m, v }, adam));
            });
          });
        },
      };
    }
    case "adagrad":
      return {
        memories: ["sum"],
        sparse: false,
        step(parameters, grads) {
          parameters.forEach(({ value, memory }, i) => {
            const { sum } = memory as { readonly sum: Variable };
            tf.tidy(() => {
              shrink(value);
              const grad = grads[i] ?? tf.zerosLike(value);
              const with_ = { ...options, eps: adagradEps };
              if (kernels.adagrad) return kernels.adagrad(value, grad, sum, with_);
              const g = decayed(tf, value, grad, coupled);
              sum.assign(tf.add(sum, tf.square(g)));
              value.assign(tf.sub(value, tf.div(tf.mul(g, learningRate), tf.add(tf.sqrt(sum), adagradEps))));
            });
          });
        },
      };
    case "sgd":
      return {
        memories: [],
        sparse: false,
        step(parameters, grads) {
          parameters.forEach(({ value }, i) => {
            tf.tidy(() => {
              shrink(value);
              const grad = grads[i] ?? tf.zerosLike(value);
              if (kernels.sgd) return kernels.sgd(value, grad, options);
              value.assign(tf.sub(value, tf.mul(decayed(tf, value, grad, coupled), learningRate)));
            });
          });
        },
      };
  }
}

interface AdamTensors {
  readonly value: Variable;
  readonly grad: Tensor;
  readonly m: Variable;
  readonly v: Variable;
}

const decayed = (tf: Tf, value: Tensor, grad: Tensor, weightDecay: number): Tensor =>
  weightDecay === 0 ? grad : tf.add(grad, tf.mul(value, weightDecay));

/** Adam (Kingma & Ba 2015), as `Kernels.adam`. */
function adamStep(tf: Tf, { value, grad, m, v }: AdamTensors, options: AdamOptions) {
  const { learningRate, weightDecay, decoupled, beta1, beta2, eps, step } = options;
  const g = decayed(tf, value, grad, decoupled ? 0 : weightDecay);
  const first = tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1));
  const second = tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2));
  const unbiased = tf.div(first, 1 - beta1 ** step);
  const spread = tf.add(tf.sqrt(tf.div(second, 1 - beta2 ** step)), eps);
  const kept = decoupled ? tf.mul(value, 1 - learningRate * weightDecay) : value;
  return { value: tf.sub(kept, tf.mul(tf.div(unbiased, spread), learningRate)), m: first, v: second };
}

/** Adam on some rows. Without a kernel it computes all and takes the touched ones. */
function lazyAdam(tf: Tf, kernels: DeviceKernels, tensors: AdamTensors, rows: Int32Array, options: AdamOptions): void {
  const ids = tf.tensor1d(rows.slice(), "int32") as Tensor1D;
  const { value, grad, m, v } = tensors;
  if (kernels.lazyAdam) {
    kernels.lazyAdam(value, grad, m, v, ids, options);
    return;
  }
  const ones = tf.ones([rows.length, 1]);
  const touched = tf.greater(tf.unsortedSegmentSum(ones, ids, value.shape[0] as number), 0);
  const next = adamStep(tf, tensors, options);
  const mixed = (now: Tensor, old: Tensor) => tf.where(tf.broadcastTo(touched, old.shape), now, old);
  assign({ value, m, v }, { value: mixed(next.value, value), m: mixed(next.m, m), v: mixed(next.v, v) });
}

function assign(to: Readonly<Record<string, Variable>>, from: Readonly<Record<string, Tensor>>): void {
  for (const [name, variable] of Object.entries(to)) variable.assign(from[name] as Tensor);
}
