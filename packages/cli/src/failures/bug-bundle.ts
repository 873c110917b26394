import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, platform, release, tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../io/host.js";

export interface BugFacts {
  readonly error: unknown;
  readonly argv: readonly string[];
  readonly version: string;
  /** Text of the pipeline, if there is one. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Writes what a developer needs to see the bug again: command, versions, stack, the pipeline's text. No data, no
 * environment variables. Returns the folder, or null when nothing can be written anywhere.
 */
export function writeBugBundle(facts: BugFacts, host: Host): string | null {
  const name = `bug-${new Date().toISOString().replace(/[-:]|\.\d+Z/g, "")}-${process.pid}`;
  for (const base of [join(host.workingFolder, ".kdp", "bugs"), join(tmpdir(), "kdp-bugs")]) {
    const folder = join(base, name);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "report.json"), `${JSON.stringify(reportOf(facts), null, 2)}\n`);
      [...facts.sources].forEach(([file, text], index) => {
        writeFileSync(join(folder, `source-${index}.kdp`), `// ${file}\n${text}`);
      });
      return folder;
    } catch {
      // The next place may be writable; a bug must be reported even when the disk is full.
    }
  }
  return null;
}

function reportOf({ error, argv, version }: BugFacts): Readonly<Record<string, unknown>> {
  return {
    kdp: version,
    node: process.version,
    platform: `${platform()} ${arch()} ${release()}`,
    processor: cpus()[0]?.model ?? "unknown",
    argv,
    error: error instanceof Error ? chain(error) : String(error),
  };
}

/** An error with its causes, innermost last. */
function chain(error: Error): readonly string[] {
  const stacks: string[] = [];
  for (let at: unknown = error; at instanceof Error && stacks.length < 10; at = at.cause) {
    stacks.push(at.stack ?? `${at.name}: ${at.message}`);
  }
  return stacks;
}
