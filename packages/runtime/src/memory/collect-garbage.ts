import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Frees what nobody holds any more. V8 counts the memory behind typed arrays late: left to itself, a node that read four files
 * of 300 MB holds all four. A collection of a worker's small heap takes some 20 ms, and a process need not be started with
 * `--expose-gc` for it. What a `WeakRef` has named goes in the next turn only, a WebAssembly memory by a second collection.
 */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}
