import type { Kernels } from "@kdp/plugin-api";
import { checkedKernels } from "./checks/checked-kernels.js";
import type { Team } from "./parallel/team.js";
import { plainKernels } from "./plain/plain-kernels.js";
import { createPlainMemory } from "./plain/plain-memory.js";
import { createHost } from "./wasm/host.js";
import { loadModule } from "./wasm/load.js";
import { wasmKernels } from "./wasm/wasm-kernels.js";
import { hasSimd, type WasmMemory, type WasmModule, webAssembly } from "./wasm/webassembly.js";

/** Pages of a wasm32 memory at its largest: 4 GiB. */
const MAXIMUM_PAGES = 65536;
/** The first page holds constants; no view has address 0. */
const INITIAL_PAGES = 1;

export interface KernelOptions {
  /** Most memory to use, in bytes; default and most: 4 GiB. */
  readonly maximumBytes?: number;
  /** Threads that a kernel may use, the calling one counted; default 1. `team.grant` changes it. */
  readonly threads?: number;
}

/** Kernels whose memory other threads can open. */
export interface SharedKernels extends Kernels {
  readonly name: "wasm";
  readonly memory: WasmMemory;
  readonly module: WasmModule;
  /** Threads that share large kernels; null where another thread made the memory. */
  readonly team: Team | null;
}

/**
 * The fastest kernels that this engine can run: WebAssembly SIMD on one shared memory, or plain TypeScript.
 *
 * @example
 * const kernels = await createKernels();
 * const table = kernels.f32(users * cols);
 */
export async function createKernels(options: KernelOptions = {}): Promise<Kernels | SharedKernels> {
  if (webAssembly === null || !hasSimd()) return createPlainKernels();
  const memory = new webAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES, shared: true });
  const kernels = openKernels(memory, await loadModule(), options, true);
  kernels.team?.grant(options.threads ?? 1);
  return kernels;
}

/** Opens the memory of other kernels, usually in a worker thread. */
export const attachKernels = (memory: WasmMemory, module: WasmModule, options: KernelOptions = {}): SharedKernels =>
  openKernels(memory, module, options, false);

function openKernels(memory: WasmMemory, module: WasmModule, options: KernelOptions, leads: boolean): SharedKernels {
  const limitPages = Math.min(MAXIMUM_PAGES, Math.ceil((options.maximumBytes ?? Number.POSITIVE_INFINITY) / 65536));
  const host = createHost(memory, module, { limitPages, leads });
  const kernels = checkedKernels("wasm", host.memory, wasmKernels(host));
  const { team } = host;
  return Object.defineProperties({ memory, module, team } as SharedKernels, Object.getOwnPropertyDescriptors(kernels));
}

/** Kernels in plain TypeScript: slow, and the oracle of the others. */
export const createPlainKernels = (): Kernels => checkedKernels("plain", createPlainMemory(), plainKernels);

/** The threads of kernels, where they can have more than one. */
export const teamOf = (kernels: Kernels): Team | null =>
  kernels.name === "wasm" && "team" in kernels ? (kernels as SharedKernels).team : null;
