import { RuntimeFault } from "../faults.js";

const FULL = new Set(["ENOSPC", "EDQUOT"]);
const READ_ONLY = new Set(["EROFS", "EACCES", "EPERM"]);

/** The `code` of a Node system error, or null. */
export function systemCode(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" ? code : null;
}

/**
 * Turns the system's refusal to write under `.kdp/` into a fault that says what to do. Anything else is returned as it is.
 * @param place what was being written: a path, or a node's name
 */
export function writeFault(error: unknown, place: string): unknown {
  if (error instanceof RuntimeFault) return error;
  const code = systemCode(error);
  if (code !== null && FULL.has(code)) {
    return new RuntimeFault(
      {
        code: "KDP8003",
        kind: "run",
        message: `no space is left on the disk (${code})`,
        place,
        fix: "free space, or drop artefacts that no run needs with `kdp cache gc`, and run again: what is finished is kept",
      },
      { cause: error },
    );
  }
  if (code !== null && READ_ONLY.has(code)) {
    return new RuntimeFault(
      {
        code: "KDP8004",
        kind: "run",
        message: `the folder cannot be written (${code})`,
        place,
        fix: "make the project's `.kdp` folder writable for this user, or copy the project to a writable place",
      },
      { cause: error },
    );
  }
  return error;
}

/** Runs `body`; a refusal of the file system becomes a fault of the run. */
export function writing<T>(place: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw writeFault(error, place);
  }
}
