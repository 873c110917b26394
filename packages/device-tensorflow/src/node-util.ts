import util from "node:util";

/** What tfjs-node 4.22 calls, Node up to 22 warns of (DEP0051) and Node 23 no longer has. Mended in its repository, never released. */
const HELPERS = {
  isArray: Array.isArray,
  isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
};

/** Gives `node:util` the helpers that tfjs-node calls by name, with the meaning that they had. Must run before it computes anything. */
export function restoreNodeUtil(): void {
  for (const [name, value] of Object.entries(HELPERS)) {
    Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
}
