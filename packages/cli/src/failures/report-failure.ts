import type { FaultData } from "@kdp/runtime";
import type { Host } from "../io/host.js";
import { type BugFacts, writeBugBundle } from "./bug-bundle.js";
import { faultText } from "./fault-text.js";

/** Says what was thrown: a fault with its code, anything else as the bug in kdp that it is. */
export async function reportFailure(
  error: unknown,
  { argv, host, version }: { readonly argv: readonly string[]; readonly host: Host; readonly version: string },
): Promise<{ readonly fault: FaultData; readonly exitCode: number }> {
  const { EXIT_CODE, RuntimeFault } = await import("@kdp/runtime");
  const fault: FaultData = error instanceof RuntimeFault ? error.data : strange(error);
  host.stderr.write(faultText(fault, host.stderr.colors));
  if (fault.kind === "bug") tellOfBundle({ error, argv, version, sources: new Map() }, host);
  return { fault, exitCode: EXIT_CODE[fault.kind] };
}

function strange(error: unknown): FaultData {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: "KDP9001", kind: "bug", message: `this is a bug in kdp: ${message}` };
}

/** Bugs of kdp among the faults of an operation leave a bundle too. */
export function tellOfBugs(
  { faults, sources }: { readonly faults: readonly FaultData[]; readonly sources: ReadonlyMap<string, string> },
  { argv, host, version }: { readonly argv: readonly string[]; readonly host: Host; readonly version: string },
): void {
  const bug = faults.find((fault) => fault.kind === "bug");
  if (bug) tellOfBundle({ error: bug.stack ?? bug.message, argv, version, sources }, host);
}

/** Writes the bundle and says where it is. */
function tellOfBundle(facts: BugFacts, host: Host): void {
  const folder = writeBugBundle(facts, host);
  const { colors } = host.stderr;
  host.stderr.write(
    folder === null
      ? `   ${colors.cyan("=")} please report it; no bundle could be written\n`
      : `   ${colors.cyan("=")} please report it with ${folder} (command, versions, stack; no data)\n`,
  );
}
