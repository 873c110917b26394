import { readFile } from "node:fs/promises";
import { type WasmModule, webAssembly } from "./webassembly.js";

/** Beside the compiled code, also when this file runs as TypeScript from `src`. */
const FILE = new URL("../../dist/kernels.wasm", import.meta.url);

/** Compiles the kernels for this process. */
export async function loadModule(): Promise<WasmModule> {
  if (webAssembly === null) throw new Error("This engine has no WebAssembly.");
  let bytes: Uint8Array;
  try {
    bytes = await readFile(FILE);
  } catch (cause) {
    throw new Error(`${FILE.pathname} cannot be read. Run: node packages/kernels/scripts/build.mjs`, { cause });
  }
  return webAssembly.compile(bytes);
}
