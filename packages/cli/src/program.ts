import { Command, CommanderError } from "commander";
import { printJson } from "./args/shared-options.js";
import { addCache } from "./commands/cache.js";
import { addCheck } from "./commands/check.js";
import type { AddCommand, CommandContext } from "./commands/command.js";
import { addDoctor } from "./commands/doctor.js";
import { addExecNode } from "./commands/exec-node.js";
import { addExplain } from "./commands/explain.js";
import { addGraph } from "./commands/graph.js";
import { addInit } from "./commands/init.js";
import { addPlan } from "./commands/plan.js";
import { addRecommend } from "./commands/recommend.js";
import { addRun } from "./commands/run.js";
import { EXIT } from "./failures/exit.js";
import { reportFailure } from "./failures/report-failure.js";
import { UsageError } from "./failures/usage-error.js";
import type { Host } from "./io/host.js";

/** In the order of `kdp --help`: from the first day's needs to the rarer ones. */
const COMMANDS: readonly AddCommand[] = [
  addRun,
  addCheck,
  addPlan,
  addGraph,
  addInit,
  addRecommend,
  addExplain,
  addDoctor,
  addCache,
  addExecNode,
];

/** Parses a command line and does what it says. Returns the exit code; throws for nothing. */
export async function runCli(argv: readonly string[], host: Host, version: string): Promise<number> {
  let exitCode: number = EXIT.ok;
  const context: CommandContext = {
    host,
    argv,
    version,
    action:
      (run) =>
      async (...args) => {
        exitCode = await run(...args);
      },
  };
  try {
    await createProgram(context).parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      answerJson({ code: null, message: error.message.replace(/^error: /, "") }, argv, host);
      return EXIT.user;
    }
    if (error instanceof UsageError) {
      const { colors } = host.stderr;
      host.stderr.write(`${colors.red(colors.bold("error"))}: ${colors.bold(error.message)}\n`);
      if (error.fix !== null) host.stderr.write(`   ${colors.cyan("=")} fix: ${error.fix}\n`);
      answerJson({ code: null, message: error.message, fix: error.fix }, argv, host);
      return EXIT.user;
    }
    const { fault, exitCode: failed } = await reportFailure(error, context);
    answerJson(fault, argv, host);
    return failed;
  }
}

/** A program that asked for JSON gets one document also when nothing could be done. */
function answerJson(
  { code, message, place, fix }: { code: string | null; message: string; place?: string; fix?: string | null },
  argv: readonly string[],
  host: Host,
): void {
  const format = argv.indexOf("--format");
  const asked =
    argv.includes("--json") || argv.includes("--format=json") || (format !== -1 && argv[format + 1] === "json");
  if (asked) printJson(host, { error: { code, message, place: place ?? null, fix: fix ?? null } });
}

function createProgram(context: CommandContext): Command {
  const { stdout, stderr } = context.host;
  const program = new Command("kdp")
    .description(
      "Knowledge distillation pipelines for recommenders: from a page of .kdp to a student that can be served.",
    )
    .version(context.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => Math.min(stdout.columns, 100),
      getErrHelpWidth: () => Math.min(stderr.columns, 100),
      outputError: (text, write) =>
        write(`${stderr.colors.red(stderr.colors.bold("error"))}${text.replace(/^error/, "")}`),
    })
    .addHelpText(
      "after",
      `
Examples:
  kdp init ratings.csv     a pipeline for your own file: ratings.kdp
  kdp check ratings.kdp    find mistakes before anything is computed
  kdp run ratings.kdp      run it; a second run computes only what changed

Colours follow NO_COLOR and FORCE_COLOR; in CI the progress is one line per event.`,
    );
  // Before the commands are made: they inherit what is set on the program.
  for (const add of COMMANDS) add(program, context);
  for (const command of program.commands) {
    command.showHelpAfterError(`(see: kdp ${command.name()} --help)`);
  }
  program.showHelpAfterError("(see: kdp --help)");
  return program;
}
