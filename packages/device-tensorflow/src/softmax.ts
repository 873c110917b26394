import type { Tf } from "@kdp/plugin-api";
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";

/**
 * Replaces TensorFlow's softmax by `exp(x - max x) / Σ exp(x - max x)`.
 *
 * TensorFlow multiplies by an approximate reciprocal of the sum, so that a row with one entry far above the others gives
 * 0.99999994 in its place instead of 1. Where a gate is annealed to a temperature of 1e-10, the rest of 6e-8 divided by that
 * temperature becomes a gradient in the thousands where there is none.
 */
export function registerExactSoftmax(tf: Tf, backendName: string): void {
  tf.unregisterKernel("Softmax", backendName);
  tf.registerKernel({
    kernelName: "Softmax",
    backendName,
    // What a kernel runs is not differentiated again: the gradient is that of the kernel as a whole.
    kernelFunc: ({ inputs }): TensorInfo =>
      tf.tidy(() => {
        const logits = inputs.logits as Tensor;
        const last = logits.rank - 1;
        const powers = tf.exp(tf.sub(logits, tf.max(logits, last, true)));
        return tf.div(powers, tf.sum(powers, last, true));
      }),
  });
}
