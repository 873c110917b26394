import type { CacheEntry } from "@kdp/runtime";
import type { Command } from "commander";
import { addFormat, printJson } from "../args/shared-options.js";
import { parseBytes, parseDuration } from "../args/units.js";
import { EXIT } from "../failures/exit.js";
import { formatBytes, plural } from "../text/format.js";
import { cell, screenTable } from "../text/table.js";
import { type AddCommand, addExamples, type CommandContext } from "./command.js";
import { openRuntime } from "./open-runtime.js";

interface CacheFlags {
  readonly format: "pretty" | "json";
}

/** `kdp cache`: looks after the results that are stored. */
export const addCache: AddCommand = (program, context) => {
  const command = program
    .command("cache")
    .summary("look after stored results")
    .description("Lists, checks and clears the results stored under .kdp of the project that this folder belongs to.");
  addLs(command, context);
  addGc(command, context);
  addVerify(command, context);
  addExamples(command, [
    ["kdp cache ls", "what is stored, and what the last runs still use"],
    ["kdp cache gc --unused 7d --dry-run", "what could go"],
    ["kdp cache verify --remove", "drop what is damaged; it is computed again when needed"],
  ]);
};

function addLs(parent: Command, { host, action }: CommandContext): void {
  const command = parent
    .command("ls")
    .summary("list stored results, the most recently used first")
    .description("Lists stored results, the most recently used first.")
    .action(
      action(async ({ format }: CacheFlags) => {
        const { runtime } = await openRuntime();
        const entries = await runtime.cache(host.workingFolder, (cache) => cache.list());
        if (format === "json") {
          printJson(host, { entries });
          return EXIT.ok;
        }
        const { colors } = host.stdout;
        const rows = entries.map((entry) => [
          cell(entry.key.slice(0, 12), colors.dim),
          cell(entry.node, colors.bold),
          cell(entry.stage),
          cell(formatBytes(entry.bytes)),
          cell(entry.lastUsedAt.slice(0, 16).replace("T", " ")),
          cell(stateOf(entry), entry.damage === null ? undefined : colors.red),
        ]);
        const columns = ["key", "node", "stage", "size", "last used (UTC)", ""].map((title, index) => ({
          title,
          ...(index === 3 ? { align: "right" as const } : {}),
        }));
        if (rows.length > 0) host.stdout.write(`${screenTable(columns, rows, colors.dim).join("\n")}\n\n`);
        host.stdout.write(`${plural(entries.length, "result")}, ${formatBytes(sizeOf(entries))}\n`);
        return EXIT.ok;
      }),
    );
  addFormat(command);
}

function addGc(parent: Command, { host, action }: CommandContext): void {
  const command = parent
    .command("gc")
    .summary("remove results that no last run counts on")
    .description(
      "Removes results that the last run of no pipeline counts on, damaged ones, and what killed processes left behind. Results that a run in progress counts on stay.",
    )
    .option("--unused <time>", "only those not used for so long: 12h, 7d", parseDuration)
    .option("--max-size <bytes>", "then the least recently used, until the store is no larger: 10GB", parseBytes)
    .option("--dry-run", "tell what would go, remove nothing")
    .action(
      action(async (flags: CacheFlags & { unused?: number; maxSize?: number; dryRun?: boolean }) => {
        const { runtime } = await openRuntime();
        const collected = await runtime.cache(host.workingFolder, (cache) =>
          cache.collect({
            ...(flags.unused === undefined ? {} : { unusedForMs: flags.unused }),
            ...(flags.maxSize === undefined ? {} : { maxBytes: flags.maxSize }),
            dryRun: flags.dryRun ?? false,
          }),
        );
        if (flags.format === "json") {
          printJson(host, collected);
          return EXIT.ok;
        }
        for (const entry of collected.removed) {
          host.stdout.write(`${entry.key.slice(0, 12)}  ${entry.node}  ${formatBytes(entry.bytes)}\n`);
        }
        const verb = flags.dryRun ? "would remove" : "removed";
        const leftovers = collected.leftovers > 0 ? `, ${plural(collected.leftovers, "leftover")}` : "";
        host.stdout.write(
          `${verb} ${plural(collected.removed.length, "result")} (${formatBytes(collected.removedBytes)})${leftovers}; ${formatBytes(collected.keptBytes)} kept\n`,
        );
        return EXIT.ok;
      }),
    );
  addFormat(command);
}

function addVerify(parent: Command, { host, action }: CommandContext): void {
  const command = parent
    .command("verify")
    .summary("compare stored results with their digests")
    .description(
      "Reads every stored result and compares it with its digest. Exit code 1 when one is damaged and stays.",
    )
    .option("--remove", "remove damaged results; they are computed again when needed")
    .action(
      action(async (flags: CacheFlags & { remove?: boolean }) => {
        const { runtime } = await openRuntime();
        const remove = flags.remove ?? false;
        const { checked, damaged } = await runtime.cache(host.workingFolder, (cache) => cache.verify({ remove }));
        if (flags.format === "json") printJson(host, { checked, damaged, removed: remove ? damaged.length : 0 });
        else {
          const { colors } = host.stdout;
          for (const entry of damaged) {
            host.stdout.write(`${colors.red("damaged")} ${entry.key.slice(0, 12)}  ${entry.node}: ${entry.damage}\n`);
          }
          const rest = damaged.length === 0 ? "all intact" : `${damaged.length} damaged${remove ? " and removed" : ""}`;
          host.stdout.write(`${plural(checked, "result")} checked, ${rest}\n`);
        }
        return damaged.length > 0 && !remove ? EXIT.gate : EXIT.ok;
      }),
    );
  addFormat(command);
}

const sizeOf = (entries: readonly CacheEntry[]): number => entries.reduce((sum, entry) => sum + entry.bytes, 0);

const stateOf = (entry: CacheEntry): string =>
  entry.damage === null ? (entry.inUse ? "in use" : "") : `damaged: ${entry.damage}`;
