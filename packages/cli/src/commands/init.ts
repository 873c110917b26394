import { existsSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import type { SourceInspection } from "@kdp/runtime/inspect-source";
import { EXIT } from "../failures/exit.js";
import { UsageError } from "../failures/usage-error.js";
import { pipelineName, pipelineText, sizesFor } from "../init/pipeline-text.js";
import { commandText } from "../text/command-text.js";
import { formatCount } from "../text/format.js";
import { type AddCommand, addExamples } from "./command.js";

interface InitFlags {
  readonly out?: string;
  readonly force?: boolean;
  readonly user?: string;
  readonly item?: string;
  readonly rating?: string;
  readonly timestamp?: string;
  readonly header?: boolean;
  readonly delimiter?: string;
}

/** `kdp init`: a commented pipeline for the user's own file. */
export const addInit: AddCommand = (program, { host, action }) => {
  const command = program
    .command("init")
    .summary("write a pipeline for your own file of interactions")
    .description(
      "Reads a file of interactions (TSV, CSV, plain or gzip, Parquet, Arrow), finds its columns, and writes a commented pipeline for it that runs as it is.",
    )
    .argument("<file>", "the interactions: at least a column of users and one of items")
    .option("-o, --out <pipeline>", "where to write it (default: <name>.kdp here); - prints it")
    .option("--force", "replace a file that is there already")
    .option("--user <column>", "column of the users: name, or index from 0")
    .option("--item <column>", "column of the items")
    .option("--rating <column>", "column of the ratings")
    .option("--timestamp <column>", "column of the times")
    .option("--header", "the first line names the columns")
    .option("--no-header", "the first line is data")
    .option("--delimiter <text>", "what separates the columns: a text, or tab, comma, semicolon, space")
    .action(
      action(async (file: string, flags: InitFlags) => {
        const { projectRoot } = await import("@kdp/runtime");
        const data = resolve(host.workingFolder, file);
        const found = await inspect(data, flags);
        const name = pipelineName(file);
        const out = flags.out ?? `${name}.kdp`;
        const target = resolve(host.workingFolder, out === "-" ? `${name}.kdp` : out);
        const source = relative(dirname(target), data).split(sep).join("/");
        const text = pipelineText({ name, source, found });
        if (out === "-") {
          host.stdout.write(text);
          return EXIT.ok;
        }
        if (existsSync(target) && !flags.force) {
          throw new UsageError(`${out} is there already`, "name another file with --out, or replace it with --force");
        }
        writePipeline(target, out, text);
        const { colors } = host.stdout;
        const outside = relative(projectRoot(dirname(target)), data).startsWith("..") ? ["--allow-outside"] : [];
        const sizes = sizesFor(found);
        host.stdout.write(
          `${colors.green("wrote")} ${colors.bold(out)}: ${formatCount(found.interactions)} interactions, ${formatCount(found.users)} users, ${formatCount(found.items)} items; teacher ${sizes.teacher} wide, student ${sizes.student}\n${found.notes.map((note) => colors.dim(`  ${note}\n`)).join("")}\nNext:\n  ${commandText(["kdp", "check", out])}\n  ${commandText(["kdp", "run", out, ...outside])}\n`,
        );
        return EXIT.ok;
      }),
    );
  addExamples(command, [
    ["kdp init ratings.csv", "writes ratings.kdp"],
    ["kdp init log.tsv.gz --user 0 --item 2 --no-header", "columns by index"],
    ["kdp init events.parquet --out -", "print it only"],
  ]);
};

async function inspect(data: string, flags: InitFlags): Promise<SourceInspection> {
  const [{ inspectSource }, { RuntimeFault }] = await Promise.all([
    import("@kdp/runtime/inspect-source"),
    import("@kdp/runtime"),
  ]);
  try {
    return await inspectSource(data, {
      columns: {
        user: flags.user ?? null,
        item: flags.item ?? null,
        rating: flags.rating ?? null,
        timestamp: flags.timestamp ?? null,
      },
      header: flags.header ?? null,
      delimiter: flags.delimiter ?? null,
    });
  } catch (error) {
    if (!(error instanceof RuntimeFault)) throw error;
    const { inOptions } = await import("../init/option-words.js");
    throw inOptions(error);
  }
}

function writePipeline(target: string, typed: string, text: string): void {
  try {
    writeFileSync(target, text);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new UsageError(
      `"${typed}" cannot be written (${code})`,
      code === "ENOENT" ? "make its folder first, or name another place with --out" : "name another place with --out",
    );
  }
}
