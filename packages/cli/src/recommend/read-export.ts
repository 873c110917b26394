import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { FileTables } from "@kdp/plugin-api";
import { UsageError } from "../failures/usage-error.js";
import type { ExportFolder } from "./find-export.js";

type Matrix = FileTables["matrices"][string];

/** A dot-product model as a service would hold it. Row `r` of `user` belongs to the id `userIds[r]`. */
export interface ServedModel {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly user: Matrix;
  readonly item: Matrix;
  /** Items of a user's training events, by row; null when the export does not hold them. */
  seen(userRow: number): ReadonlySet<number> | null;
}

/**
 * Reads an export of `artifact(format: "arrow")`, `"parquet"` or `"safetensors"`.
 * @throws RuntimeFault KDP7001–KDP7012 for a file that is missing or broken; UsageError for a model that needs its own code
 */
export async function readExport({ folder, format }: ExportFolder): Promise<ServedModel> {
  const { readFileTables } = await import("@kdp/runtime/read-file-tables");
  if (format !== "safetensors") {
    const path = (name: string): string => join(folder, `${name}.${format}`);
    if (!existsSync(path("user")) || existsSync(path("item-ids"))) throw needsCode(folder);
    const [user, item] = [await readFileTables(path("user")), await readFileTables(path("item"))];
    const pairs = existsSync(path("seen")) ? await readFileTables(path("seen")) : null;
    return {
      userIds: idsOf(user, path("user")),
      itemIds: idsOf(item, path("item")),
      user: matrixOf(user, "factors", path("user")),
      item: matrixOf(item, "factors", path("item")),
      seen: (row) => pairs && seenOf(pairs, row),
    };
  }
  const file = join(folder, "model.safetensors");
  if (scorerOf(file) === "block") throw needsCode(folder);
  const tables = await readFileTables(file);
  const ids = readIds(join(folder, "ids.json"));
  return {
    userIds: ids.user,
    itemIds: ids.item,
    user: matrixOf(tables, "user", file),
    item: matrixOf(tables, "item", file),
    seen: () => null,
  };
}

/** The ids beside a safetensors file, which has no room for them. */
function readIds(file: string): Record<"user" | "item", readonly string[]> {
  let ids: unknown;
  try {
    ids = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? "it is no JSON" : `${(error as NodeJS.ErrnoException).code}`;
    throw new UsageError(`"${file}" cannot be read: ${why}`, "export the model again");
  }
  if (!hasIds(ids)) throw new UsageError(`"${file}" has no lists "user" and "item"`, "export the model again");
  return ids;
}

function hasIds(value: unknown): value is Record<"user" | "item", readonly string[]> {
  if (typeof value !== "object" || value === null) return false;
  const lists = value as Readonly<Record<string, unknown>>;
  return Array.isArray(lists.user) && Array.isArray(lists.item);
}

function needsCode(folder: string): UsageError {
  return new UsageError(
    `the model in "${folder}" is no inner product of user and item factors: scoring it needs its own code`,
    "recommend answers for dot-product models such as bprmf, cml and lightgcn",
  );
}

function idsOf({ columns }: FileTables, file: string): readonly string[] {
  const ids = columns.id;
  if (ids === undefined) throw new UsageError(`"${file}" has no column "id"`, "export the model again");
  return Array.from(ids, String);
}

function matrixOf({ matrices }: FileTables, name: string, file: string): Matrix {
  const matrix = matrices[name];
  if (matrix === undefined) throw new UsageError(`"${file}" has no matrix "${name}"`, "export the model again");
  return matrix;
}

function seenOf({ columns }: FileTables, userRow: number): ReadonlySet<number> {
  const [user, item] = [columns.user ?? [], columns.item ?? []];
  const items = new Set<number>();
  for (let at = 0; at < user.length; at++) if (user[at] === userRow) items.add(Number(item[at]));
  return items;
}

/** `dot` or `block`, from the metadata of a safetensors file; null when it does not say, or is broken (reading tells). */
function scorerOf(file: string): string | null {
  const handle = openSync(file, "r");
  try {
    const length = Buffer.alloc(8);
    readSync(handle, length, 0, 8, 0);
    const header = Buffer.alloc(Number(length.readBigUInt64LE(0) & 0xffffffn));
    readSync(handle, header, 0, header.length, 8);
    const parsed = JSON.parse(header.toString("utf8")) as { readonly __metadata__?: { readonly scorer?: string } };
    return parsed.__metadata__?.scorer ?? null;
  } catch {
    return null;
  } finally {
    closeSync(handle);
  }
}
