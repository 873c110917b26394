import type { Tf } from "@kdp/plugin-api";
import type { DeviceKernels } from "@kdp/plugin-api/device";
import type { NamedTensorInfoMap, Tensor2D, TensorInfo } from "@tensorflow/tfjs-core";
import { BACKEND } from "../backend-name.js";
import { atomicAdd, type GpuQueue } from "./queue.js";

const SCORES = "KdpDotLists";
const GRADIENT = "KdpDotListsGrad";

/** Inner products of listed rows without gathering them first: the gathered rows of a list are `k` times its users' rows. */
export function dotListKernels(tf: Tf, queue: GpuQueue): Required<Pick<DeviceKernels, "dotLists" | "dotListsGrad">> {
  tf.registerKernel({
    kernelName: SCORES,
    backendName: BACKEND,
    kernelFunc: ({ inputs }) => scores(queue, inputs),
  });
  tf.registerKernel({
    kernelName: GRADIENT,
    backendName: BACKEND,
    kernelFunc: ({ inputs }) => gradient(queue, inputs),
  });
  return {
    dotLists: (left, right, leftIds, rightIds) =>
      tf.engine().runKernel(SCORES, { left, right, leftIds, rightIds }) as Tensor2D,
    dotListsGrad(left, right, leftIds, rightIds, dOut) {
      const both = tf.engine().runKernel(GRADIENT, { left, right, leftIds, rightIds, dOut }) as unknown;
      const [dLeft, dRight] = both as [Tensor2D, Tensor2D];
      return [dLeft, dRight];
    },
  };
}

const LIST_READS = (inputs: NamedTensorInfoMap) => [
  { name: "left", tensor: inputs.left as TensorInfo },
  { name: "right", tensor: inputs.right as TensorInfo },
  { name: "leftIds", tensor: inputs.leftIds as TensorInfo, type: "i32" as const },
  { name: "rightIds", tensor: inputs.rightIds as TensorInfo, type: "i32" as const },
];

const shapeOf = (inputs: NamedTensorInfoMap): { rows: number; k: number; cols: number } => {
  const [rows = 0, k = 0] = inputs.rightIds?.shape ?? [];
  return { rows, k, cols: inputs.left?.shape[1] ?? 0 };
};

function scores(queue: GpuQueue, inputs: NamedTensorInfoMap): TensorInfo {
  const { rows, k, cols } = shapeOf(inputs);
  const out = queue.zeros([rows, k]);
  queue.run({
    writes: [{ name: "scores", tensor: out }],
    reads: LIST_READS(inputs),
    counts: { k, cols },
    threads: rows * k,
    body: `
  let far = rightIds[i];
  if (far < 0) { scores[i] = bitcast<f32>(0xff800000u | (P.k & 0u)); return; }
  let a = u32(leftIds[i / P.k]) * P.cols;
  let b = u32(far) * P.cols;
  var sum = 0.0;
  for (var c = 0u; c < P.cols; c = c + 1u) { sum = sum + left[a + c] * right[b + c]; }
  scores[i] = sum;`,
  });
  return out;
}

function gradient(queue: GpuQueue, inputs: NamedTensorInfoMap): TensorInfo[] {
  const { rows, k, cols } = shapeOf(inputs);
  const dLeft = queue.zeros(inputs.left?.shape ?? []);
  const dRight = queue.zeros(inputs.right?.shape ?? []);
  const dOut = { name: "dOut", tensor: inputs.dOut as TensorInfo };
  const [left, right, leftIds, rightIds] = LIST_READS(inputs) as [
    ReturnType<typeof LIST_READS>[number],
    ReturnType<typeof LIST_READS>[number],
    ReturnType<typeof LIST_READS>[number],
    ReturnType<typeof LIST_READS>[number],
  ];
  // A row's own gradient is summed over its list before it is added: ids of rows rarely repeat.
  queue.run({
    writes: [{ name: "dLeft", tensor: dLeft, type: "atomic<u32>" }],
    reads: [right, leftIds, rightIds, dOut],
    counts: { k, cols },
    threads: rows * cols,
    functions: atomicAdd("dLeft"),
    body: `
  let r = i / P.cols;
  let c = i % P.cols;
  var sum = 0.0;
  for (var j = 0u; j < P.k; j = j + 1u) {
    let far = rightIds[r * P.k + j];
    if (far >= 0) { sum = sum + dOut[r * P.k + j] * right[u32(far) * P.cols + c]; }
  }
  add_dLeft(u32(leftIds[r]) * P.cols + c, sum);`,
  });
  queue.run({
    writes: [{ name: "dRight", tensor: dRight, type: "atomic<u32>" }],
    reads: [left, leftIds, rightIds, dOut],
    counts: { k, cols },
    threads: rows * k * cols,
    functions: atomicAdd("dRight"),
    body: `
  let pair = i / P.cols;
  let c = i % P.cols;
  let far = rightIds[pair];
  let d = dOut[pair];
  if (far < 0 || d == 0.0) { return; }
  add_dRight(u32(far) * P.cols + c, d * left[u32(leftIds[pair / P.k]) * P.cols + c]);`,
  });
  return [dLeft, dRight];
}
