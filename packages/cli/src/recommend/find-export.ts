import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { UsageError } from "../failures/usage-error.js";

/** A folder with an exported model, and how it is stored there. */
export interface ExportFolder {
  readonly folder: string;
  readonly format: "arrow" | "parquet" | "safetensors";
}

/** How deep below a run's folder an export lies: `exports/<name>/[axis=value]`. */
const DEPTH = 3;

/**
 * Finds the export that a path means: the export's folder, one of its files, a run's folder that holds
 * one export, or the folder of a pipeline's runs, which means the last.
 * @throws UsageError when there is none, or more than one
 */
export function findExport(path: string, typed: string): ExportFolder {
  const named = folderOf(path, typed);
  // The folder of a pipeline's runs means its last one.
  const latest = join(named, "latest");
  const start = existsSync(latest) ? latest : named;
  const here = formatOf(start);
  if (here !== null) return { folder: start, format: here };
  const found = exportsBelow(start, DEPTH);
  const [only] = found;
  if (only && found.length === 1) return only;
  if (found.length > 1) {
    const names = found.map(({ folder }) => join(typed, relative(named, folder)));
    throw new UsageError(`"${typed}" holds ${found.length} exports`, `name one: ${names.join(", ")}`);
  }
  throw new UsageError(
    `"${typed}" holds no exported model that can be read`,
    'export one with artifact(format: "arrow"), "parquet" or "safetensors", and name its folder',
  );
}

function folderOf(path: string, typed: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) {
    throw new UsageError(
      `there is no export "${typed}"`,
      "name the folder of an export; `kdp run` prints it, below .kdp/runs/<pipeline>/latest/exports",
    );
  }
  return stat.isDirectory() ? path : dirname(path);
}

function formatOf(folder: string): ExportFolder["format"] | null {
  const names = new Set(readdirSync(folder));
  for (const format of ["arrow", "parquet"] as const) {
    if (names.has(`item.${format}`) || names.has(`item-ids.${format}`)) return format;
  }
  return names.has("model.safetensors") ? "safetensors" : null;
}

function exportsBelow(folder: string, depth: number): readonly ExportFolder[] {
  if (depth === 0) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "logs" && !basename(entry.name).startsWith("."))
    .flatMap((entry): readonly ExportFolder[] => {
      const inner = join(folder, entry.name);
      const format = formatOf(inner);
      return format === null ? exportsBelow(inner, depth - 1) : [{ folder: inner, format }];
    });
}
