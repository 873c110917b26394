import type { AdamOptions, StepOptions } from "@kdp/plugin-api";
import type { DeviceKernels } from "@kdp/plugin-api/device";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { GpuQueue, Program } from "./queue.js";

/** Below this a first moment is set to 0, and this is added to a gradient before it is squared, as in the CPU's kernels. */
const ADAM = `
  let g = grad[at] + P.coupled * w[at];
  let first = P.beta1 * m[at] + P.alpha1 * g;
  m[at] = select(first, 0.0, abs(first) < 1e-30);
  let shifted = g + 1e-16;
  v[at] = P.beta2 * v[at] + P.alpha2 * shifted * shifted;
  w[at] = P.keep * w[at] - P.rate * m[at] / (sqrt(P.correction * v[at]) + P.eps);`;

function adamFactors(options: AdamOptions): Readonly<Record<string, number>> {
  const { learningRate, weightDecay, decoupled, beta1, beta2, eps, step } = options;
  return {
    beta1,
    alpha1: 1 - beta1,
    beta2,
    alpha2: 1 - beta2,
    rate: learningRate / (1 - beta1 ** step),
    correction: 1 / (1 - beta2 ** step),
    eps,
    coupled: decoupled ? 0 : weightDecay,
    keep: decoupled ? 1 - learningRate * weightDecay : 1,
  };
}

const stepFactors = ({ learningRate, weightDecay, eps }: StepOptions) => ({ rate: learningRate, weightDecay, eps });

/** Sweeps over whole tables in one pass each: parameter, gradient and moments are read and written once. */
export function optimiserKernels(
  queue: GpuQueue,
): Required<Pick<DeviceKernels, "adam" | "lazyAdam" | "adagrad" | "sgd">> {
  const tables = (
    w: Tensor,
    grad: Tensor,
    memory: Readonly<Record<string, Tensor>>,
  ): Pick<Program, "writes" | "reads"> => ({
    writes: [{ name: "w", tensor: w }, ...Object.entries(memory).map(([name, tensor]) => ({ name, tensor }))],
    reads: [{ name: "grad", tensor: grad }],
  });
  return {
    adam(w, grad, m, v, options) {
      queue.run({
        ...tables(w, grad, { m, v }),
        floats: adamFactors(options),
        threads: w.size,
        body: `  let at = i;${ADAM}`,
      });
    },

    lazyAdam(w, grad, m, v, rows, options) {
      const cols = w.size / (w.shape[0] ?? 1);
      const { writes, reads } = tables(w, grad, { m, v });
      queue.run({
        writes,
        reads: [...reads, { name: "rows", tensor: rows, type: "i32" }],
        counts: { cols },
        floats: adamFactors(options),
        threads: rows.size * cols,
        body: `  let at = u32(rows[i / P.cols]) * P.cols + i % P.cols;${ADAM}`,
      });
    },

    adagrad(w, grad, sum, options) {
      queue.run({
        ...tables(w, grad, { sum }),
        floats: stepFactors(options),
        threads: w.size,
        body: `
  let g = grad[i] + P.weightDecay * w[i];
  sum[i] = sum[i] + g * g;
  w[i] = w[i] - P.rate * g / (sqrt(sum[i]) + P.eps);`,
      });
    },

    sgd(w, grad, options) {
      queue.run({
        ...tables(w, grad, {}),
        floats: { rate: options.learningRate, weightDecay: options.weightDecay },
        threads: w.size,
        body: "  w[i] = w[i] - P.rate * (grad[i] + P.weightDecay * w[i]);",
      });
    },
  };
}
