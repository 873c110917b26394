import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Plugins that need no `use`. */
const LIBRARY = ["@kdp/plugins"] as const;

/**
 * The runtime with the standard library. Imported when a command needs it: `kdp --help` answers at once.
 * @throws RuntimeFault KDP9001 when the installation is broken
 */
export async function openRuntime() {
  const { createRuntime, librarySource } = await import("@kdp/runtime");
  const here = dirname(fileURLToPath(import.meta.url));
  return { runtime: createRuntime(), library: LIBRARY.map((name) => librarySource(name, here)) };
}
