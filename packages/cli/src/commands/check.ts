import { readFileSync, writeFileSync } from "node:fs";
import {
  addFormat,
  addPipelineOptions,
  type PipelineFlags,
  pipelineOptions,
  printJson,
} from "../args/shared-options.js";
import { EXIT } from "../failures/exit.js";
import { tellOfBugs } from "../failures/report-failure.js";
import { plural } from "../text/format.js";
import { type AddCommand, addExamples } from "./command.js";
import { countFindings, jsonFindings, printFindings } from "./diagnostics-output.js";
import { openRuntime } from "./open-runtime.js";

interface CheckFlags extends PipelineFlags {
  readonly format: "pretty" | "json";
  readonly fix?: boolean;
}

/** `kdp check`: finds mistakes without opening data or running anything. */
export const addCheck: AddCommand = (program, context) => {
  const { host, action } = context;
  const command = program
    .command("check")
    .summary("find mistakes in a pipeline")
    .description(
      "Finds mistakes in a pipeline: syntax, names, types, roles of events, gates. Opens no data file, runs no plugin code.",
    )
    .argument("<file>", "the .kdp file")
    .option("--fix", "apply the first fix of each diagnostic that has one, then check again")
    .action(
      action(async (file: string, flags: CheckFlags) => {
        const { runtime, library } = await openRuntime();
        const options = { ...pipelineOptions(file, flags, host), library };
        let result = await runtime.check(options);
        let fixed = 0;
        if (flags.fix) {
          fixed = await fix(result);
          if (fixed > 0) result = await runtime.check(options);
        }
        tellOfBugs(result, context);
        if (flags.format === "json") {
          printJson(host, await jsonFindings(result, file, host.workingFolder));
          return result.exitCode;
        }
        await printFindings(result, host.stdout, host.workingFolder);
        const { colors } = host.stdout;
        const said = countFindings(result);
        const nodes = result.plan === null ? "" : `, ${plural(result.plan.nodes.length, "node")}`;
        const paint = result.exitCode === EXIT.ok ? colors.green : colors.red;
        const mended = fixed > 0 ? `${plural(fixed, "fix", "fixes")} applied; ` : "";
        const gap = said === "no problems" ? "" : "\n";
        host.stdout.write(`${gap}${colors.bold(file)}: ${mended}${paint(said)}${nodes}\n`);
        return result.exitCode;
      }),
    );
  addFormat(addPipelineOptions(command));
  addExamples(command, [
    ["kdp check pipeline.kdp", "code frames for people"],
    ["kdp check pipeline.kdp --json", "one JSON document for programs"],
    ["kdp check pipeline.kdp --fix", "mend what can be mended"],
  ]);
};

/** Applies fixes to the files on disk; each only if the file is still what was checked. Returns their number. */
async function fix(result: {
  readonly diagnostics: readonly import("@kdp/dsl").Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
}): Promise<number> {
  const { applyFixes } = await import("@kdp/dsl");
  const fixes = result.diagnostics.flatMap((diagnostic) => diagnostic.fixes?.slice(0, 1) ?? []);
  const { sources, applied } = applyFixes(result.sources, fixes);
  for (const [file, text] of sources) {
    const before = result.sources.get(file);
    if (text !== before && readFileSync(file, "utf8") === before) writeFileSync(file, text);
  }
  return applied.length;
}
