import util from "node:util";

/** What tfjs-node 4.22 calls and Node 23 no longer has. (Mended in its repository, never released.) */
const GONE = {
  isArray: Array.isArray,
  isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
};

/** Puts back the helpers of `node:util` that tfjs-node calls by name. Must run before it computes anything; harmless on every Node. */
export function restoreNodeUtil(): void {
  for (const [name, helper] of Object.entries(GONE)) {
    if (!(name in util)) Object.defineProperty(util, name, { value: helper, configurable: true });
  }
}
