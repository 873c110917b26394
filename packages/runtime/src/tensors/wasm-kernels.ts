import type { Tf } from "@kdp/plugin-api";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";

const WASM = "wasm";

/** What a kernel of the WebAssembly back-end is called with. */
interface Call {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs?: NamedAttrMap;
  readonly backend: object;
}

function input(call: Call, name: string): TensorInfo {
  const found = call.inputs[name];
  if (!found) throw new Error(`kernel called without its input "${name}"`);
  return found;
}

/** Gradient of `gather`: row `r` of `x` is added to row `segmentIds[r]` of the output. Ids outside the range are dropped. */
function unsortedSegmentSum(call: Call): TensorInfo {
  const backend = call.backend as BackendWasm;
  const x = input(call, "x");
  const segments = Number(call.attrs?.numSegments);
  const [rows = 0, ...rest] = x.shape;
  const width = rest.reduce((a, b) => a * b, 1);
  const out = backend.makeOutput([segments, ...rest], "float32");
  // Views are taken after the allocation, which may move the heap.
  const sums = backend.typedArrayFromHeap(out);
  const values = backend.typedArrayFromHeap(x);
  const ids = backend.typedArrayFromHeap(input(call, "segmentIds"));
  sums.fill(0);
  for (let row = 0; row < rows; row++) {
    const to = ids[row] as number;
    if (to < 0 || to >= segments) continue;
    for (let c = 0; c < width; c++) {
      sums[to * width + c] = (sums[to * width + c] as number) + (values[row * width + c] as number);
    }
  }
  return out;
}

/** Swaps the last two axes. */
function transposed(tf: Tf, x: TensorInfo, backend: object): TensorInfo {
  const last = x.shape.length - 1;
  const perm = x.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis));
  const config = tf.getKernel("Transpose", WASM);
  return config.kernelFunc({ inputs: { x }, backend, attrs: { perm } }) as TensorInfo;
}

/** The stock kernel is some ten times slower on a transposed operand than after an explicit transpose. */
function transposeFirst(tf: Tf, stock: KernelConfig): (call: Call) => TensorInfo {
  return (call) => {
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

/** Registers what the WebAssembly back-end of TensorFlow.js lacks for training embeddings, or does slowly. */
export function registerWasmKernels(tf: Tf): void {
  if (!tf.getKernel("UnsortedSegmentSum", WASM)) {
    tf.registerKernel({ kernelName: "UnsortedSegmentSum", backendName: WASM, kernelFunc: unsortedSegmentSum });
  }
  const stock = tf.getKernel("BatchMatMul", WASM);
  tf.unregisterKernel("BatchMatMul", WASM);
  tf.registerKernel({ ...stock, kernelFunc: transposeFirst(tf, stock) });
}
