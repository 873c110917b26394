import { createRequire } from "node:module";
import type { Tf } from "@kdp/plugin-api";
import { registerGradients } from "@kdp/plugin-api/gradients";

const require = createRequire(import.meta.url);

/** TensorFlow.js on its plain JavaScript back-end. Required, not imported: vitest would transform its 500 modules one by one. */
export async function loadTf(): Promise<Tf> {
  const tf = require("@tensorflow/tfjs-core") as Tf;
  tf.enableProdMode();
  require("@tensorflow/tfjs-backend-cpu");
  registerGradients(tf);
  await tf.setBackend("cpu");
  return tf;
}
