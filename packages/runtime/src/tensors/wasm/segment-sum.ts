import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Call, type Heap, input, isWide, sizeOf } from "./heap.js";

/**
 * Gradient of `gather`: row `r` of `x` is added to row `segmentIds[r]` of the output. Ids outside the range are dropped. The
 * back-end has none.
 */
export function segmentSum(call: Call): TensorInfo {
  const backend = call.backend as BackendWasm;
  const { x, segments, shape, width, rows } = segmentsOf(call);
  const out = backend.makeOutput([...shape], "float32");
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

/** The same by our kernels. */
export function segmentSumOn(heap: Heap): (call: Call) => TensorInfo {
  return (call) => {
    const ids = input(call, "segmentIds");
    const { x, segments, shape, width, rows } = segmentsOf(call);
    if (x.dtype !== "float32" || !isWide(ids.dtype)) return segmentSum(call);
    const out = heap.make(shape, "float32");
    heap.kernels.segmentSum(heap.at(x), heap.at(ids), rows, 4 * width, segments, heap.at(out));
    return out;
  };
}

function segmentsOf(call: Call) {
  const x = input(call, "x");
  const segments = Number(call.attrs?.numSegments);
  const [rows = 0, ...rest] = x.shape;
  return { x, segments, rows, width: sizeOf(rest), shape: [segments, ...rest] };
}
