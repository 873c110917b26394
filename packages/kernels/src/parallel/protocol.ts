import type { Kernels } from "@kdp/plugin-api";
import type { WasmMemory, WasmModule } from "../wasm/webassembly.js";

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly memory: WasmMemory;
  readonly module: WasmModule;
}

/** Kernels whose rows are independent, so that ranges of users may run anywhere. */
export type RangeKernel = "topK" | "rankCounts";

/** A call. Views of shared memory are sent as they are: the receiver sees the same bytes. */
export type Call = {
  readonly [K in RangeKernel]: { readonly kernel: K; readonly args: Parameters<Kernels[K]> };
}[RangeKernel];

export type Reply = { readonly ok: true } | { readonly ok: false; readonly error: unknown };

export function runCall(kernels: Kernels, call: Call): void {
  if (call.kernel === "topK") kernels.topK(...call.args);
  else kernels.rankCounts(...call.args);
}
