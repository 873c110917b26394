import { type BlockSource, createMemoryApi, type KernelMemory } from "../memory/kernel-memory.js";
import { KernelMemoryError } from "../memory/memory-error.js";

/** As much as the WebAssembly kernels have, so that a pipeline fits both or neither. */
const LIMIT = 65535 * 65536;

/** A buffer of its own for every view, shared so that it can be sent to other threads. */
export function createPlainMemory(): KernelMemory {
  const live = new WeakMap<ArrayBufferLike, number>();
  const made = new WeakSet<ArrayBufferLike>();
  let bytesInUse = 0;

  const source: BlockSource = {
    allocate(bytes) {
      const request = { requested: bytes, inUse: bytesInUse, limit: LIMIT };
      if (bytesInUse + bytes > LIMIT) throw new KernelMemoryError(request);
      let buffer: SharedArrayBuffer;
      try {
        buffer = new SharedArrayBuffer(bytes);
      } catch {
        throw new KernelMemoryError(request);
      }
      live.set(buffer, bytes);
      made.add(buffer);
      bytesInUse += bytes;
      return { buffer, byteOffset: 0 };
    },
    release(view) {
      const bytes = live.get(view.buffer);
      if (bytes === undefined || view.byteOffset !== 0) return false;
      live.delete(view.buffer);
      bytesInUse -= bytes;
      return true;
    },
    get bytesInUse() {
      return bytesInUse;
    },
    limitBytes: LIMIT,
  };
  const owns: KernelMemory["owns"] = (view) => made.has(view.buffer);
  return Object.defineProperties({ owns } as KernelMemory, Object.getOwnPropertyDescriptors(createMemoryApi(source)));
}
