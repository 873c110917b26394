import type { Tf } from "@kdp/plugin-api";
import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";
import { BACKEND } from "../backend-name.js";
import { atomicAdd, type GpuQueue } from "./queue.js";

/**
 * Replaces TensorFlow.js's `UnsortedSegmentSum`, the gradient of a gather, which transposes its input and its output: row `r` of
 * `x` is added to row `segmentIds[r]` of the output. Ids outside the range are dropped.
 */
export function registerSegmentSum(tf: Tf, queue: GpuQueue): void {
  tf.unregisterKernel("UnsortedSegmentSum", BACKEND);
  tf.registerKernel({
    kernelName: "UnsortedSegmentSum",
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs }) => segmentSum(queue, inputs, attrs),
  });
}

function segmentSum(queue: GpuQueue, inputs: NamedTensorInfoMap, attrs: NamedAttrMap | undefined): TensorInfo {
  const { x, segmentIds } = inputs;
  const segments = Number(attrs?.numSegments);
  if (!x || !segmentIds) throw new Error("UnsortedSegmentSum called without its inputs");
  const [rows = 0, ...rest] = x.shape;
  const width = rest.reduce((a, b) => a * b, 1);
  const sums = queue.zeros([segments, ...rest]);
  queue.run({
    writes: [{ name: "sums", tensor: sums, type: "atomic<u32>" }],
    reads: [
      { name: "x", tensor: x },
      { name: "ids", tensor: segmentIds, type: "i32" },
    ],
    counts: { width, segments },
    threads: rows * width,
    functions: atomicAdd("sums"),
    body: `
  let to = ids[i / P.width];
  if (to < 0 || u32(to) >= P.segments || x[i] == 0.0) { return; }
  add_sums(u32(to) * P.width + i % P.width, x[i]);`,
  });
  return sums;
}
