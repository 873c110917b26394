import type { Tf } from "@kdp/plugin-api";
import { registerGradients } from "@kdp/plugin-api/gradients";
import { registerWasmKernels } from "./wasm/register.js";

/** Which back-end of TensorFlow.js computes plain losses on the CPU device. */
export type CpuBackend = "wasm" | "cpu";

export interface Tensorflow {
  readonly tf: Tf;
  readonly backend: CpuBackend;
}

/**
 * TensorFlow.js, ready to differentiate on the CPU. It is loaded here and nowhere else, so that nodes that train by fused
 * kernels alone never pay for it (a quarter of a second).
 * @param preferred `wasm` (SIMD, fast) falls back to `cpu` (plain JavaScript) where WebAssembly cannot start
 */
export async function loadTensorflow(preferred: CpuBackend = "wasm"): Promise<Tensorflow> {
  const tf = await import("@tensorflow/tfjs-core");
  // Production mode: no advice on other packages in the log, no NaN scan of each kernel's output.
  tf.enableProdMode();
  registerGradients(tf);
  if (preferred === "wasm" && (await startWasm(tf))) return { tf, backend: "wasm" };
  await import("@tensorflow/tfjs-backend-cpu");
  await tf.setBackend("cpu");
  return { tf, backend: "cpu" };
}

async function startWasm(tf: Tf): Promise<boolean> {
  await import("@tensorflow/tfjs-backend-wasm");
  const started = await tf.setBackend("wasm");
  if (started) await registerWasmKernels(tf);
  return started;
}
