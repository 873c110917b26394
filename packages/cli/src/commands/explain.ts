import { addFormat, printJson } from "../args/shared-options.js";
import { codePage, explainedCodes, normaliseCode } from "../explain/pages.js";
import { EXIT } from "../failures/exit.js";
import { UsageError } from "../failures/usage-error.js";
import { cell, screenTable } from "../text/table.js";
import { type AddCommand, addExamples } from "./command.js";

/** `kdp explain`: the long answer to a code. */
export const addExplain: AddCommand = (program, { host, action }) => {
  const command = program
    .command("explain")
    .summary("explain the code of an error or a warning")
    .description("Explains a code: what it means, a wrong and a mended example, and why. Without a code, lists all.")
    .argument("[code]", "for example KDP2204, or 2204")
    .action(
      action(async (typed: string | undefined, { format }: { readonly format: "pretty" | "json" }) => {
        const { colors } = host.stdout;
        if (typed === undefined) {
          const pages = explainedCodes().flatMap((code) => codePage(code) ?? []);
          if (format === "json") printJson(host, { codes: pages.map(({ code, title }) => ({ code, title })) });
          else {
            const rows = pages.map(({ code, title }) => [cell(code, colors.bold), cell(title.replaceAll("`", ""))]);
            host.stdout.write(`${screenTable([{ title: "" }, { title: "" }], rows).join("\n")}\n`);
          }
          return EXIT.ok;
        }
        const code = normaliseCode(typed);
        const page = codePage(code);
        if (page === null) throw await unknownCode(typed, code);
        if (format === "json") {
          printJson(host, page);
          return EXIT.ok;
        }
        const { markdownText } = await import("../explain/markdown-text.js");
        host.stdout.write(markdownText(page.markdown, colors));
        return EXIT.ok;
      }),
    );
  addFormat(command);
  addExamples(command, [
    ["kdp explain KDP2204", "one code"],
    ["kdp explain", "all codes with their titles"],
  ]);
};

async function unknownCode(typed: string, code: string): Promise<UsageError> {
  const { didYouMean } = await import("@kdp/dsl");
  const near = didYouMean(code, explainedCodes());
  const fix = near === null ? "kdp explain lists all codes" : `did you mean ${near}? kdp explain lists all codes`;
  return new UsageError(`there is no code "${typed}"`, fix);
}
