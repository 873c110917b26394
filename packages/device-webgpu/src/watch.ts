import type { DeviceFailure } from "@kdp/plugin-api/device";

/** Dawn reports what went wrong later than the call that caused it; unheard, training would go on with zeros. */
export function watch(device: GPUDevice): () => DeviceFailure | null {
  let first: DeviceFailure | null = null;
  const note = (kind: DeviceFailure["kind"], text: string) => {
    first ??= { kind, message: text.split("\n")[0] ?? text };
  };
  device.addEventListener("uncapturederror", ({ error }) => {
    note(error.constructor.name === "GPUOutOfMemoryError" ? "memory" : kindOf(error.message), error.message);
  });
  void device.lost.then(({ reason, message }) => note("lost", message || reason));
  return () => {
    const failure = first;
    // A lost device stays lost.
    if (failure?.kind !== "lost") first = null;
    return failure;
  };
}

/** A tensor that is too large is an invalid buffer or binding, not a lack of memory, to WebGPU. */
const kindOf = (message: string): DeviceFailure["kind"] =>
  /size .*(exceeds the max|is larger than the max)/i.test(message) ? "memory" : "error";
