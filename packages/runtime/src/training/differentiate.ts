import type { Tf } from "@kdp/plugin-api";
import type { Tensor } from "@tensorflow/tfjs-core";

/** A value `f` with its gradient in each input; null where `f` does not depend on the input. */
export interface Differentiated {
  readonly value: Float32Array;
  readonly grads: readonly (Float32Array | null)[];
}

/**
 * Evaluates `f` and differentiates it, leaving no tensor behind. `tf.valueAndGrads` would refuse a function that does not
 * depend on all of its inputs; a loss may well read rows that it sends no gradient to.
 * @param options.inputs makes the tensors to differentiate by
 * @param options.dy gradient of what follows `f`; for a scalar, 1
 */
export function differentiate(
  tf: Tf,
  options: {
    readonly inputs: () => readonly Tensor[];
    readonly f: (inputs: readonly Tensor[]) => Tensor;
    readonly dy?: () => Tensor;
  },
): Differentiated {
  let result: Differentiated | null = null;
  tf.tidy(() => {
    const xs = options.inputs();
    if (xs.length === 0) {
      result = { value: options.f(xs).dataSync<"float32">(), grads: [] };
      return;
    }
    const { value, grads } = tf.engine().gradients(() => options.f(xs), [...xs], options.dy?.(), true);
    const found: readonly (Tensor | null)[] = grads;
    result = {
      value: value.dataSync<"float32">(),
      grads: found.map((grad) => grad?.dataSync<"float32">() ?? null),
    };
  });
  if (!result) throw new Error("tf.tidy did not run its function");
  return result;
}
