import type { Command } from "commander";
import type { Host } from "../io/host.js";

/** What a command file gives the program: it adds itself; what its action returns is the exit code. */
export interface CommandContext {
  readonly host: Host;
  /** The command line as typed, without `node` and the script: for "to go on, type …". */
  readonly argv: readonly string[];
  readonly version: string;
  /** Wraps an action: what it returns becomes the exit code. */
  action<A extends readonly unknown[]>(run: (...args: A) => Promise<number>): (...args: A) => Promise<void>;
}

export type AddCommand = (program: Command, context: CommandContext) => void;

/** Examples below the options of `--help`. */
export function addExamples(
  command: Command,
  examples: readonly (readonly [command: string, what: string])[],
): Command {
  const width = Math.max(...examples.map(([text]) => text.length));
  const lines = examples.map(([text, what]) => `  ${text.padEnd(width)}   ${what}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}
