import { isInputError } from "@kdp/plugin-api";
import { RuntimeFault } from "../faults.js";

/**
 * Runs code of a plugin. What it throws as the user's fault becomes a fault with its code, place and fix; all else passes
 * on, to be blamed on the plugin.
 * @param node display name, the place when the plugin names none
 */
export async function callPlugin<T>(node: string, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isInputError(error)) throw error;
    const { code, message, place = node, fix } = error;
    throw new RuntimeFault({ code, kind: "user", message, place, ...(fix ? { fix } : {}) }, { cause: error });
  }
}
