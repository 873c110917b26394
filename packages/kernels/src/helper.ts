import { parentPort, workerData } from "node:worker_threads";
import { controlBlock, FAILED, PENDING, READY } from "./parallel/control-block.js";
import type { HelperStart } from "./parallel/team.js";
import { instantiate } from "./wasm/instantiate.js";

// A helper thread: computes chunks of the leader's kernels until the team is closed.

const { memory, module, self, scratch } = workerData as HelperStart;

try {
  const { help } = instantiate(module, memory, null);
  parentPort?.postMessage("ready");
  help(self, scratch);
} catch (error) {
  // The chunk that failed is never done: the leader, which waits for it, must hear of it.
  const control = controlBlock(memory.buffer);
  Atomics.sub(control, READY, 1);
  Atomics.store(control, FAILED, 1);
  Atomics.sub(control, PENDING, 1);
  for (const address of [FAILED, PENDING]) Atomics.notify(control, address);
  throw error;
}
