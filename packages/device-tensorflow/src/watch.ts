import { type DeviceFailure, messageOf } from "@kdp/plugin-api/device";

/** How tfjs-node's back-end runs operations. */
export interface Executor {
  executeSingleOutput(...call: readonly unknown[]): unknown;
  executeMultipleOutputs(...call: readonly unknown[]): unknown;
}

/** TensorFlow's status RESOURCE_EXHAUSTED, and what it says when a copy to the card finds no room there. */
const NO_MEMORY = /TF_Status: 8\b|Dst tensor is not initialized/;

/**
 * Listens to the errors of operations, which go on to the caller as they are.
 * @returns the first lack of memory since the last call
 */
export function watchMemory(backend: Executor): () => DeviceFailure | null {
  let first: DeviceFailure | null = null;
  for (const name of ["executeSingleOutput", "executeMultipleOutputs"] as const) {
    const run = backend[name].bind(backend);
    backend[name] = (...call) => {
      try {
        return run(...call);
      } catch (error) {
        const text = messageOf(error);
        if (NO_MEMORY.test(text)) first ??= { kind: "memory", message: text.split("Message: ").at(-1) ?? text };
        throw error;
      }
    };
  }
  return () => {
    const failure = first;
    first = null;
    return failure;
  };
}
