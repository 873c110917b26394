import { createAllocator } from "../memory/allocator.js";
import { createMemoryApi, type KernelMemory, type KernelView } from "../memory/kernel-memory.js";
import { createTeam, type Team } from "../parallel/team.js";
import type { KernelExports } from "./exports.js";
import { instantiate } from "./instantiate.js";
import { HELPER_SCRATCH } from "./scratch-sizes.js";
import type { WasmMemory, WasmModule } from "./webassembly.js";

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
  /** The same for the state of a kernel that the caller's code runs in the middle of: other kernels leave it alone. */
  held(bytes: number): number;
  /** Null where another thread made the memory. */
  readonly team: Team | null;
}

export interface HostOptions {
  readonly limitPages: number;
  /** Whether this thread made the memory: its kernels may share their work with helpers. */
  readonly leads: boolean;
}

export function createHost(wasmMemory: WasmMemory, module: WasmModule, { limitPages, leads }: HostOptions): WasmHost {
  const allocator = createAllocator((pages) => {
    try {
      return wasmMemory.grow(pages);
    } catch {
      return -1;
    }
  }, limitPages);
  const owns = aliasTest(wasmMemory);
  /** Bytes in use that no caller asked for. */
  let ownBytes = 0;
  const counted = (change: () => void): void => {
    const before = allocator.bytesInUse;
    try {
      change();
    } finally {
      ownBytes += allocator.bytesInUse - before;
    }
  };
  const reserve = (): number => {
    let address = 0;
    counted(() => {
      address = allocator.allocate(HELPER_SCRATCH).address;
    });
    return address;
  };
  const release = (address: number): void => counted(() => allocator.release(address));
  const team = leads ? createTeam({ memory: wasmMemory, module, reserve, release }) : null;
  /** Room that grows and is never given back. */
  const room = () => {
    let address = 0;
    let held = 0;
    return (bytes: number): number => {
      if (bytes <= held) return address;
      counted(() => {
        if (held > 0) allocator.release(address);
        held = 0;
        address = allocator.allocate(bytes).address;
        held = bytes;
      });
      return address;
    };
  };

  const api = createMemoryApi({
    allocate(bytes) {
      const { address, used } = allocator.allocate(bytes);
      const { buffer } = wasmMemory;
      if (used) new Uint8Array(buffer, address, bytes).fill(0);
      return { buffer, byteOffset: address };
    },
    release: (view) => owns(view) && allocator.release(view.byteOffset),
    get bytesInUse() {
      return allocator.bytesInUse - ownBytes;
    },
    limitBytes: allocator.limitBytes,
  });
  return {
    memory: Object.defineProperties({ owns } as KernelMemory, Object.getOwnPropertyDescriptors(api)),
    exports: instantiate(module, wasmMemory, team),
    team,
    scratch: room(),
    held: room(),
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
