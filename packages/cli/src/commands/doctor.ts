import { addFormat, printJson } from "../args/shared-options.js";
import { type DoctorCheck, examine } from "../doctor/examine.js";
import { EXIT } from "../failures/exit.js";
import type { Colors } from "../io/host.js";
import { cell, screenTable } from "../text/table.js";
import { type AddCommand, addExamples } from "./command.js";

/** `kdp doctor`: can kdp work here, and if not, what mends it. */
export const addDoctor: AddCommand = (program, { host, action }) => {
  const command = program
    .command("doctor")
    .summary("find out whether kdp can work here")
    .description(
      "Looks at Node, processor, memory, the store's disk, the standard library and every device, and says what mends what is wrong.",
    )
    .action(
      action(async (flags: { readonly format: "pretty" | "json" }) => {
        const checks = await examine(host.workingFolder);
        if (flags.format === "json") printJson(host, { checks });
        else host.stdout.write(doctorText(checks, host.stdout.colors));
        return checks.some((check) => check.status === "bad") ? EXIT.user : EXIT.ok;
      }),
    );
  addFormat(command);
  addExamples(command, [
    ["kdp doctor", "a table for people"],
    ["kdp doctor --json", "for a report"],
  ]);
};

function doctorText(checks: readonly DoctorCheck[], colors: Colors): string {
  const mark = {
    good: cell("✓", colors.green),
    warning: cell("!", colors.yellow),
    bad: cell("✗", colors.red),
  } as const;
  const rows = checks.flatMap((check) => [
    [mark[check.status], cell(check.name, colors.bold), cell(check.finding)],
    ...(check.mend === null ? [] : [[cell(""), cell(""), cell(`mend: ${check.mend}`, colors.cyan)]]),
  ]);
  const bad = checks.filter((check) => check.status === "bad").length;
  const end = bad === 0 ? colors.green("kdp can work here.") : colors.red(`${bad} to mend before kdp can work here.`);
  return `${screenTable([{ title: "" }, { title: "" }, { title: "" }], rows).join("\n")}\n\n${end}\n`;
}
