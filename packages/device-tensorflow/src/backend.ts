import { createRequire } from "node:module";
import { join } from "node:path";
import type { Tf } from "@kdp/plugin-api";
import { type DeviceFailure, Missing, messageOf } from "@kdp/plugin-api/device";
import { type Choice, choose } from "./choose.js";
import { gpuName, missingCuda } from "./cuda.js";
import { setEnvironment } from "./environment.js";
import { GPU_PACKAGE } from "./locate.js";
import { restoreNodeUtil } from "./node-util.js";
import { registerExactSoftmax } from "./softmax.js";
import { type Executor, watchMemory } from "./watch.js";

/** TensorFlow, started in this process. */
export interface Started {
  readonly tf: Tf;
  readonly processor: "gpu" | "cpu";
  /** `libtensorflow 2.9.1 on NVIDIA H100`. */
  readonly found: string;
  /** As in `LoadedDevice`. */
  failure(): DeviceFailure | null;
}

/** The part of tfjs-node's back-end that is used here. */
interface NodeBackend extends Executor {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** The name that tfjs-node registers. */
export const BACKEND = "tensorflow";

/**
 * Loads the addon and sets its back-end in the TensorFlow.js of this process. tfjs-node brings a CommonJS copy of tfjs-core;
 * both copies share one engine, which they keep in the global object, so that plugins go on with the copy they are given.
 * @throws Missing when there is nothing to load, when it does not load, or when a GPU build finds no usable GPU
 */
export async function startTensorflow(choice: Choice = choose()): Promise<Started> {
  const { installed } = choice;
  setEnvironment();
  restoreNodeUtil();
  // In production mode from the start: no advice in the log, no search for NaN in each kernel's output.
  const tf = await import("@tensorflow/tfjs-core");
  tf.enableProdMode();
  try {
    createRequire(join(installed.home, "package.json"))(installed.home);
  } catch (error) {
    throw new Missing(
      `${installed.name} ${installed.version} does not load from ${installed.home}: ${messageOf(error)}`,
      `build the addon for this machine: \`npx kdp-build-tensorflow ${installed.from} --force${installed.name === GPU_PACKAGE ? " --gpu --cuda" : ""}\``,
    );
  }
  registerExactSoftmax(tf, BACKEND);
  if (!(await tf.setBackend(BACKEND))) throw new Missing(`${installed.name} did not start its back-end`, null);
  const backend = tf.backend() as unknown as NodeBackend;
  const version = backend.binding.TF_Version;
  if (!backend.isUsingGpuDevice && installed.name === GPU_PACKAGE) {
    throw missingCuda({ ...installed, libraryVersion: version });
  }
  const where = backend.isUsingGpuDevice ? ((await gpuName()) ?? "a GPU") : "the CPU";
  const without = choice.passedOver ? `; not on a GPU: ${choice.passedOver.reason}` : "";
  return {
    tf,
    processor: backend.isUsingGpuDevice ? "gpu" : "cpu",
    found: `libtensorflow ${version} on ${where}${without}`,
    failure: watchMemory(backend),
  };
}
