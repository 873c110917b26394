import type { ReductionName } from "@kdp/kernels";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Call, type Heap, input, type Own, sizeOf } from "./heap.js";

/** Sums, means and extremes along axes that touch, and softmax along the last one. */
export function reductions(heap: Heap): Readonly<Record<string, Own>> {
  return {
    Max: reduction(heap, "max", "reductionIndices"),
    Mean: mean(heap),
    Min: reduction(heap, "min", "axis"),
    Softmax: softmax(heap),
    Sum: reduction(heap, "sum", "axis"),
  };
}

interface Reduced {
  readonly shape: readonly number[];
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** The axes as [outer, reduced, inner]; null when there are others between those that are reduced. */
function reducedBy(heap: Heap, call: Call, x: TensorInfo, attribute: string): Reduced | null {
  const axes = heap.tf.util.parseAxisParam((call.attrs?.[attribute] ?? null) as number | number[], x.shape);
  const keepDims = call.attrs?.keepDims === true;
  const sizes = { outer: 1, count: 1, inner: 1 };
  let part: keyof typeof sizes = "outer";
  const shape: number[] = [];
  for (const [axis, size] of x.shape.entries()) {
    const isReduced = axes.includes(axis);
    if (!isReduced || keepDims) shape.push(isReduced ? 1 : size);
    if (size === 1) continue;
    if (isReduced && part === "inner") return null;
    if (isReduced) part = "count";
    else if (part === "count") part = "inner";
    sizes[part] *= size;
  }
  return { shape, ...sizes };
}

function reduction(heap: Heap, name: ReductionName, attribute: string): Own {
  const kernel = heap.kernels[name];
  return (call) => {
    const x = input(call, "x");
    if (x.dtype !== "float32") return null;
    const reduced = reducedBy(heap, call, x, attribute);
    // Nothing has no extreme: what then stands there is the stock kernel's matter.
    if (!reduced || (reduced.count === 0 && name !== "sum")) return null;
    const out = heap.make(reduced.shape, "float32");
    if (sizeOf(reduced.shape) > 0) kernel(heap.at(x), reduced.outer, reduced.count, reduced.inner, heap.at(out));
    return out;
  };
}

function mean(heap: Heap): Own {
  return (call) => {
    const x = input(call, "x");
    if (x.dtype !== "float32") return null;
    const reduced = reducedBy(heap, call, x, "axis");
    if (!reduced || reduced.count === 0) return null;
    const { outer, count, inner, shape } = reduced;
    const out = heap.make(shape, "float32");
    if (outer * inner === 0) return out;
    heap.kernels.sum(heap.at(x), outer, count, inner, heap.at(out));
    // The view is made after the allocation, which may move the heap.
    const means = heap.backend.typedArrayFromHeap(out);
    for (let i = 0; i < means.length; i++) means[i] = (means[i] as number) / count;
    return out;
  };
}

function softmax(heap: Heap): Own {
  return (call) => {
    const x = input(call, "logits");
    const cols = x.shape.at(-1) ?? 0;
    const dim = call.attrs?.dim;
    if (x.dtype !== "float32" || (dim !== -1 && dim !== x.shape.length - 1) || cols === 0) return null;
    const out = heap.make(x.shape, "float32");
    heap.kernels.softmax(heap.at(x), sizeOf(x.shape) / cols, cols, heap.at(out));
    return out;
  };
}
