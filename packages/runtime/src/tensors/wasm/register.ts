import type { Tf } from "@kdp/plugin-api";
import { boxes } from "./boxes.js";
import { elementwise } from "./elementwise.js";
import { type Heap, type Own, openHeap, preferOwn, WASM } from "./heap.js";
import { products } from "./products.js";
import { reductions } from "./reductions.js";
import { segmentSum, segmentSumOn } from "./segment-sum.js";
import { transposeFirst } from "./transpose-first.js";

/** The back-end has none of its own: with it all of ours are there. */
const LACKING = "UnsortedSegmentSum";
const areThere = (tf: Tf): boolean => Boolean(tf.getKernel(LACKING, WASM));

/**
 * Registers what the WebAssembly back-end of TensorFlow.js lacks for training or does slowly, once a process. The back-end
 * must have been started.
 */
export async function registerWasmKernels(tf: Tf): Promise<void> {
  if (areThere(tf)) return;
  const heap = await openHeap(tf);
  // Whoever asked at the same time may have been faster.
  if (areThere(tf)) return;
  tf.registerKernel({
    kernelName: LACKING,
    backendName: WASM,
    kernelFunc: heap ? segmentSumOn(heap) : segmentSum,
  });
  preferOwn(tf, "BatchMatMul", transposeFirst(tf));
  if (!heap) return;
  for (const [name, kernel] of Object.entries(ownKernels(heap))) preferOwn(tf, name, kernel);
}

/** Our kernels by the name of TensorFlow.js for them. */
export const ownKernels = (heap: Heap): Readonly<Record<string, Own>> => ({
  ...elementwise(heap),
  ...reductions(heap),
  ...products(heap),
  ...boxes(heap),
});
