import { type Command, Option } from "commander";
import type { Host } from "../io/host.js";
import { collectNames, collectSet, positiveInteger, readParams } from "./values.js";

/** Options that name a pipeline and its arguments: the same for check, plan, graph and run. */
export interface PipelineFlags {
  readonly set?: Readonly<Record<string, string>>;
  readonly params?: string;
  readonly pipeline?: string;
  readonly maxCells?: number;
  readonly allowOutside?: boolean;
  readonly frozen?: boolean;
  readonly only?: readonly string[];
}

export function addPipelineOptions(command: Command): Command {
  return command
    .option("--set <name=value>", "give a param a value, or pin a matrix axis; may be repeated", collectSet)
    .option("--params <file>", "values of params from a JSON object")
    .option("--pipeline <name>", "which pipeline of the file, when it holds several")
    .option("--max-cells <n>", "allow a matrix of this many cells (default: 256)", positiveInteger("--max-cells"))
    .option("--allow-outside", "allow files outside the project")
    .option("--frozen", "plugins must be pinned in kdp.lock already");
}

/** `--only`, of the commands that run a pipeline or tell what a run would do. */
export function addOnly(command: Command): Command {
  return command.option(
    "--only <names>",
    "nodes, lists or exports to compute with all they need; exports are not published",
    collectNames,
  );
}

/** The same as the runtime wants them. */
export function pipelineOptions(file: string, flags: PipelineFlags, host: Host) {
  return {
    file,
    workingFolder: host.workingFolder,
    ...(flags.pipeline === undefined ? {} : { pipeline: flags.pipeline }),
    ...(flags.set === undefined ? {} : { set: flags.set }),
    ...(flags.params === undefined ? {} : { params: readParams(flags.params, host.workingFolder) }),
    ...(flags.maxCells === undefined ? {} : { maxCells: flags.maxCells }),
    ...(flags.only === undefined ? {} : { only: flags.only }),
    allowOutside: flags.allowOutside ?? false,
    frozen: flags.frozen ?? false,
  };
}

/** `--format`, and `--json` as a short form of `--format json`. */
export function addFormat(command: Command, formats: readonly string[] = ["pretty", "json"]): Command {
  const format = new Option("--format <format>", "how to print the result").choices(formats).default(formats[0]);
  command.addOption(format);
  if (formats.includes("json")) {
    command.addOption(new Option("--json", "the same as --format json").implies({ format: "json" }));
  }
  return command;
}

/** Everything the command prints on stdout as JSON: one document, ended by a line break. */
export function printJson(host: Host, value: unknown): void {
  host.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
