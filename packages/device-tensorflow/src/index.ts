import { type Device, type DeviceProbe, type LoadedDevice, Missing } from "@kdp/plugin-api/device";
import { BACKEND, type Started, startTensorflow } from "./backend.js";
import { selfTest } from "./self-test.js";

/** Raised when the same input begins to give results outside the tolerance that docs/devices states. */
const NUMERIC_CLASS = { cpu: "tensorflow/1", gpu: "tensorflow-gpu/1" } as const;

/** TensorFlow through tfjs-node: CUDA with `@tensorflow/tfjs-node-gpu`, else the CPU with `@tensorflow/tfjs-node`. */
export function createTensorflowDevice(): Device {
  // An addon is loaded once per process; what other back-ends a process uses in between does not unload it.
  let started: Promise<Started> | null = null;
  const start = async (): Promise<Started> => {
    started ??= startTensorflow();
    const { tf } = await started;
    await tf.setBackend(BACKEND);
    return started;
  };
  return {
    kdpDevice: 1,
    name: "tensorflow",

    async probe(): Promise<DeviceProbe> {
      try {
        const { tf, processor, found } = await start();
        await selfTest(tf);
        return { usable: true, found, processor, numericClass: NUMERIC_CLASS[processor] };
      } catch (error) {
        if (error instanceof Missing) return { usable: false, reason: error.reason, mend: error.mend };
        throw error;
      }
    },

    async load(): Promise<LoadedDevice> {
      const { tf, processor, found, failure } = await start();
      return { tf, found, numericClass: NUMERIC_CLASS[processor], failure };
    },
  };
}

export default createTensorflowDevice();
