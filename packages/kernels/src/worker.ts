import { parentPort, workerData } from "node:worker_threads";
import { attachKernels } from "./create-kernels.js";
import { type Call, type Reply, runCall, type WorkerStart } from "./parallel/protocol.js";

// A worker thread of the ranking pool: opens the memory of the thread that started it and runs one call after the other.

const { memory, module } = workerData as WorkerStart;
const kernels = attachKernels(memory, module);

parentPort?.on("message", (call: Call) => {
  let reply: Reply;
  try {
    runCall(kernels, call);
    reply = { ok: true };
  } catch (error) {
    reply = { ok: false, error };
  }
  parentPort?.postMessage(reply);
});
