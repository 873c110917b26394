import { resolve } from "node:path";
import { addFormat, printJson } from "../args/shared-options.js";
import { positiveInteger } from "../args/values.js";
import { EXIT } from "../failures/exit.js";
import { UsageError } from "../failures/usage-error.js";
import { formatCount } from "../text/format.js";
import { cell, screenTable } from "../text/table.js";
import { type AddCommand, addExamples } from "./command.js";

interface RecommendFlags {
  readonly user: string;
  readonly top: number;
  readonly includeSeen?: boolean;
  readonly format: "pretty" | "json";
}

/** `kdp recommend`: what an exported student answers for a user, with the source's own ids. */
export const addRecommend: AddCommand = (program, { host, action }) => {
  const command = program
    .command("recommend")
    .summary("ask an exported model for a user's items")
    .description(
      "Answers with the best items of a user from an exported model, in the ids of the source. Items that the user met in training are left out where the export holds them (format arrow).",
    )
    .argument("<export>", "folder of an export, or of a run with one export")
    .requiredOption("--user <id>", "the user, as the source names it")
    .option("--top <n>", "number of items", positiveInteger("--top"), 10)
    .option("--include-seen", "keep items that the user met in training")
    .action(
      action(async (path: string, flags: RecommendFlags) => {
        const [{ findExport }, { readExport }, { scoreDecimals, topItems }] = await Promise.all([
          import("../recommend/find-export.js"),
          import("../recommend/read-export.js"),
          import("../recommend/top-items.js"),
        ]);
        const model = await readExport(findExport(resolve(host.workingFolder, path), path));
        const row = model.userIds.indexOf(flags.user);
        if (row === -1) throw await unknownUser(flags.user, model.userIds);
        const seen = model.seen(row);
        const items = topItems(model, row, flags.top, flags.includeSeen || seen === null ? new Set() : seen);
        if (seen === null && !flags.includeSeen) {
          host.stderr.write(
            "note: this export does not hold training items; they are not left out (format arrow has them)\n",
          );
        }
        if (flags.format === "json") {
          printJson(host, { user: flags.user, items });
          return EXIT.ok;
        }
        const decimals = scoreDecimals(items);
        const rows = items.map(({ item, score }, index) => [
          cell(String(index + 1), host.stdout.colors.dim),
          cell(item, host.stdout.colors.bold),
          cell(score.toFixed(decimals)),
        ]);
        const columns = [{ title: "", align: "right" }, { title: "item" }, { title: "score", align: "right" }] as const;
        host.stdout.write(
          rows.length === 0
            ? `no item is left for user ${flags.user}\n`
            : `${screenTable(columns, rows, host.stdout.colors.dim).join("\n")}\n`,
        );
        return EXIT.ok;
      }),
    );
  addFormat(command);
  addExamples(command, [
    ["kdp recommend .kdp/runs/quickstart/latest --user 42", "ten items"],
    ["kdp recommend exports/best --user alice --top 3 --json", "for a program"],
  ]);
};

async function unknownUser(user: string, known: readonly string[]): Promise<UsageError> {
  const { suggestions } = await import("@kdp/dsl");
  const near = suggestions(user, known).slice(0, 3);
  return new UsageError(
    `there is no user "${user}" among the ${formatCount(known.length)} of this export`,
    near.length > 0
      ? `did you mean ${near.join(" or ")}?`
      : `ids are those of the source, for example ${known.slice(0, 3).join(", ")}`,
  );
}
