import type { Device, DeviceProbe, LoadedDevice } from "@kdp/plugin-api/device";
import { startTensorflow } from "./backend.js";
import { Missing } from "./missing.js";
import { selfTest } from "./self-test.js";

/** Raised when the same input begins to give results outside the tolerance that docs/devices states. */
const NUMERIC_CLASS = { cpu: "tensorflow/1", gpu: "tensorflow-gpu/1" } as const;

/** TensorFlow through tfjs-node: CUDA with `@tensorflow/tfjs-node-gpu`, else the CPU with `@tensorflow/tfjs-node`. */
const device: Device = {
  kdpDevice: 1,
  name: "tensorflow",

  async probe(): Promise<DeviceProbe> {
    try {
      const { tf, processor, found } = await startTensorflow();
      await selfTest(tf);
      return { usable: true, found, processor, numericClass: NUMERIC_CLASS[processor] };
    } catch (error) {
      if (error instanceof Missing) return { usable: false, reason: error.reason, mend: error.mend };
      throw error;
    }
  },

  async load(): Promise<LoadedDevice> {
    const { tf, found } = await startTensorflow();
    return { tf, found };
  },
};

export default device;
