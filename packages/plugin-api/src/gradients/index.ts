import type * as tfc from "@tensorflow/tfjs-core";
import type { Tf } from "../model.js";
import { binaries } from "./binary.js";
import { elementwise } from "./elementwise.js";
import { matmul } from "./matmul.js";
import { reductions } from "./reductions.js";
import type { Rules } from "./rule.js";
import { shapes } from "./shapes.js";

const rules: Rules = { ...elementwise, ...binaries, ...reductions, ...shapes, ...matmul };

/** Kernels of TensorFlow.js that {@link registerGradients} makes differentiable. */
export const differentiableKernels: readonly string[] = Object.keys(rules);

/**
 * Registers gradients for the kernels that losses and models use (all but convolutions, pooling and images), where `tf`
 * has none yet. Under Node, `@tensorflow/tfjs-core` loads as CommonJS and then holds no gradient at all; its ES modules have
 * them but cannot be resolved there, and the umbrella package brings 150 MB for them.
 *
 * @example
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 * registerGradients(tf);
 * tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, 2])); // [2, 4]
 */
export function registerGradients(tf: Tf): void {
  for (const [kernelName, rule] of Object.entries(rules)) {
    if (tf.getGradient(kernelName)) continue;
    tf.registerGradient({
      kernelName,
      ...(rule.inputs === "all" ? { saveAllInputs: true } : { inputsToSave: [...(rule.inputs ?? [])] }),
      ...(rule.output ? { outputsToSave: [true] } : {}),
      gradFunc: (dy, saved, attrs) => {
        const dys = Array.isArray(dy) ? dy : [dy];
        return rule.back({ tf, dy: dys[0] as tfc.Tensor, dys, saved, attrs: attrs as Record<string, unknown> });
      },
    });
  }
}
