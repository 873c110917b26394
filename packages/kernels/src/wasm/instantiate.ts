import type { TeamImports } from "../parallel/team.js";
import { type KernelExports, kernelExports } from "./exports.js";
import { type WasmMemory, type WasmModule, webAssembly } from "./webassembly.js";

/** Calls of kernels that share no work. */
const ALONE: TeamImports = {
  startHelpers() {},
  helperFailed() {
    throw new Error("These kernels have no helpers.");
  },
};

/**
 * The compiled kernels on a memory.
 * @param team of the thread that made the memory; other threads, whose kernels run in them alone, give null
 */
export function instantiate(module: WasmModule, memory: WasmMemory, team: TeamImports | null): KernelExports {
  if (webAssembly === null) throw new Error("This engine has no WebAssembly.");
  const { startHelpers, helperFailed } = team ?? ALONE;
  const env = { memory, leads: team === null ? 0 : 1, startHelpers, helperFailed };
  return kernelExports(new webAssembly.Instance(module, { env }).exports);
}
