import type { Tf } from "@kdp/plugin-api";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Call, input, type Own, WASM } from "./heap.js";

/** Swaps the last two axes. */
function transposed(tf: Tf, x: TensorInfo, backend: object): TensorInfo {
  const last = x.shape.length - 1;
  const perm = x.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis));
  return tf.getKernel("Transpose", WASM).kernelFunc({ inputs: { x }, backend, attrs: { perm } }) as TensorInfo;
}

/** The stock product is some ten times slower on a transposed operand than after an explicit transpose. */
export function transposeFirst(tf: Tf): Own {
  const stock = tf.getKernel("BatchMatMul", WASM);
  return (call: Call) => {
    const backend = call.backend as BackendWasm;
    const copies: TensorInfo[] = [];
    const plain = (name: "a" | "b", flag: unknown): TensorInfo => {
      const operand = input(call, name);
      if (!flag) return operand;
      const copy = transposed(tf, operand, backend);
      copies.push(copy);
      return copy;
    };
    const inputs = { a: plain("a", call.attrs?.transposeA), b: plain("b", call.attrs?.transposeB) };
    const out = stock.kernelFunc({ inputs, backend, attrs: { transposeA: false, transposeB: false } }) as TensorInfo;
    for (const copy of copies) backend.disposeData(copy.dataId);
    return out;
  };
}
