import { join } from "node:path";
import { Missing } from "@kdp/plugin-api/device";
import { choose } from "../src/choose.js";
import { searchFolders } from "../src/locate.js";

const root = join(import.meta.dirname, "..", "..", "..");

/**
 * Why the tests that compute with TensorFlow cannot run here, printed so that a skip is never silent; null when they can.
 * Where `KDP_TENSORFLOW` or `KDP_REQUIRE_TENSORFLOW` promises an installation, a missing one is a failure.
 */
export function reasonToSkip(): string | null {
  try {
    choose(searchFolders(process.env, root));
    return null;
  } catch (error) {
    const { KDP_TENSORFLOW, KDP_REQUIRE_TENSORFLOW } = process.env;
    if (!(error instanceof Missing) || KDP_TENSORFLOW || KDP_REQUIRE_TENSORFLOW) throw error;
    process.stderr.write(`skipped: tests of the device tensorflow: ${error.message}\n`);
    return error.reason;
  }
}

/** The folder in which the installation was found, as `KDP_TENSORFLOW` takes it: for commands that run elsewhere. */
export const installedFolder = (): string => choose(searchFolders(process.env, root)).installed.from;
