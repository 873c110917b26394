import type { Tf } from "@kdp/plugin-api";
import type { DeviceFailure, DeviceKernels } from "@kdp/plugin-api/device";
import { BACKEND } from "./backend-name.js";
import { type Opened, openGpu } from "./gpu.js";
import { createWebgpuKernels } from "./kernels/index.js";
import { gpuQueue } from "./kernels/queue.js";
import { registerSegmentSum } from "./kernels/segment-sum.js";
import { watch } from "./watch.js";

export interface Started extends Omit<Opened, "gpu"> {
  readonly tf: Tf;
  readonly kernels: DeviceKernels;
  /** See `LoadedDevice.failure`. */
  readonly failure: () => DeviceFailure | null;
  /** Largest tensor in bytes: what one binding of the GPU takes. */
  readonly largestTensor: number;
}

/**
 * Starts the WebGPU back-end of TensorFlow.js on Dawn.
 * @throws Missing when there is no adapter
 */
export async function startWebgpu(): Promise<Started> {
  const { gpu, found, processor } = await openGpu();
  offer(gpu);
  const tf = await import("@tensorflow/tfjs-core");
  tf.enableProdMode();
  await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend(BACKEND))) throw new Error(`TensorFlow.js does not start on ${found}`);
  const queue = gpuQueue(tf);
  registerSegmentSum(tf, queue);
  const { maxStorageBufferBindingSize, maxBufferSize } = queue.device.limits;
  return {
    tf,
    found,
    processor,
    kernels: createWebgpuKernels(tf, queue),
    failure: watch(queue.device),
    largestTensor: Math.min(maxStorageBufferBindingSize, maxBufferSize),
  };
}

/** TensorFlow.js looks for `navigator.gpu`; Node has a `navigator` from version 21 on, which cannot be replaced. */
function offer(gpu: GPU): void {
  if (!Reflect.has(globalThis, "navigator")) {
    Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  }
  const navigator: unknown = Reflect.get(globalThis, "navigator");
  if (typeof navigator !== "object" || navigator === null) throw new Error("globalThis.navigator is no object");
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
}
