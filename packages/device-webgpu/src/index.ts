import { type Device, type DeviceProbe, type LoadedDevice, Missing } from "@kdp/plugin-api/device";
import { type Started, startWebgpu } from "./backend.js";
import { BACKEND } from "./backend-name.js";
import { selfTest } from "./self-test.js";

/** Raised when the same input begins to give results outside the tolerance that docs/devices states. */
const NUMERIC_CLASS = "webgpu/1";

/** Any GPU with Vulkan, Metal or Direct3D 12, through Dawn and the WebGPU back-end of TensorFlow.js. */
export function createWebgpuDevice(): Device {
  // A GPU is opened once per process; what other back-ends a process uses in between does not close it.
  let started: Promise<Started> | null = null;
  const start = async (): Promise<Started> => {
    started ??= startWebgpu();
    const { tf } = await started;
    await tf.setBackend(BACKEND);
    return started;
  };
  return {
    kdpDevice: 1,
    name: "webgpu",

    async probe(): Promise<DeviceProbe> {
      try {
        const begun = await start();
        await selfTest(begun);
        return { usable: true, found: begun.found, processor: begun.processor, numericClass: NUMERIC_CLASS };
      } catch (error) {
        if (error instanceof Missing) return { usable: false, reason: error.reason, mend: error.mend };
        throw error;
      }
    },

    async load(): Promise<LoadedDevice> {
      const { tf, found, kernels, largestTensor, failure } = await start();
      return { tf, found, kernels, largestTensor, failure };
    },
  };
}

export default createWebgpuDevice();
