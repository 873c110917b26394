import { createAllocator } from "../memory/allocator.js";
import { createMemoryApi, type KernelMemory, type KernelView } from "../memory/kernel-memory.js";
import { type KernelExports, kernelExports } from "./exports.js";
import { type WasmMemory, type WasmModule, webAssembly } from "./webassembly.js";

/** Address of a view in the kernels' memory. */
export const at = (view: ArrayBufferView): number => view.byteOffset;

/** Address, or 0 for a view that is left out. */
export const atOrNone = (view: ArrayBufferView | null): number => view?.byteOffset ?? 0;

/** The compiled kernels on a memory, with room for their temporaries. */
export interface WasmHost {
  readonly memory: KernelMemory;
  readonly exports: KernelExports;
  /** Address of at least `bytes` bytes that the kernel called next may overwrite. */
  scratch(bytes: number): number;
}

export function createHost(wasmMemory: WasmMemory, module: WasmModule, limitPages: number): WasmHost {
  if (webAssembly === null) throw new Error("This engine has no WebAssembly.");
  const instance = new webAssembly.Instance(module, { env: { memory: wasmMemory } });
  const allocator = createAllocator((pages) => {
    try {
      return wasmMemory.grow(pages);
    } catch {
      return -1;
    }
  }, limitPages);
  const owns = aliasTest(wasmMemory);
  let scratchAddress = 0;
  let scratchBytes = 0;

  const api = createMemoryApi({
    allocate(bytes) {
      const { address, used } = allocator.allocate(bytes);
      const { buffer } = wasmMemory;
      if (used) new Uint8Array(buffer, address, bytes).fill(0);
      return { buffer, byteOffset: address };
    },
    release: (view) => owns(view) && allocator.release(view.byteOffset),
    get bytesInUse() {
      return allocator.bytesInUse - scratchBytes;
    },
    limitBytes: allocator.limitBytes,
  });
  return {
    memory: Object.defineProperties({ owns } as KernelMemory, Object.getOwnPropertyDescriptors(api)),
    exports: kernelExports(instance.exports),
    scratch(bytes) {
      if (bytes > scratchBytes) {
        if (scratchBytes > 0) allocator.release(scratchAddress);
        scratchBytes = 0;
        const before = allocator.bytesInUse;
        scratchAddress = allocator.allocate(bytes).address;
        scratchBytes = allocator.bytesInUse - before;
      }
      return scratchAddress;
    },
  };
}

/** Two numbers in the first page, which holds nothing else below the kernels' constants: a mark and its lock. */
const MARK_ADDRESS = 16;
const MARKS = [0x5eed, -0x5eed];

/**
 * Every growth makes a new buffer object for the same memory, and so does sending a view to another thread. A buffer that
 * was not seen before is tried: marks written to the memory must show in it.
 */
function aliasTest(memory: WasmMemory): (view: KernelView) => boolean {
  const known = new WeakSet<ArrayBufferLike>();
  let last: ArrayBufferLike | null = null;

  const isAlias = (buffer: ArrayBufferLike): boolean => {
    if (!(buffer instanceof SharedArrayBuffer) || buffer.byteLength < MARK_ADDRESS + 4) return false;
    const ours = new Int32Array(memory.buffer, MARK_ADDRESS, 2);
    const theirs = new Int32Array(buffer, MARK_ADDRESS, 1);
    // Other threads try their buffers at the same place; held for a few instructions.
    while (Atomics.compareExchange(ours, 1, 0, 1) !== 0);
    const shown = MARKS.every((mark) => {
      Atomics.store(ours, 0, mark);
      return Atomics.load(theirs, 0) === mark;
    });
    Atomics.store(ours, 1, 0);
    return shown;
  };
  return (view) => {
    const { buffer } = view;
    if (buffer === last) return true;
    if (!known.has(buffer)) {
      if (buffer !== memory.buffer && !isAlias(buffer)) return false;
      known.add(buffer);
    }
    last = buffer;
    return true;
  };
}
