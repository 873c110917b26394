// The split that the published Topology Distillation curves were made with: 115 k interactions of CiteULike.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildGivenSplit, toInteractions } from "@kdp/runtime/training";
import { userError } from "./errors.mjs";

const NAME = "citeulike-t-td-loo";
const PARTS = ["train", "valid", "test"];
const DETECT = { columns: { user: null, item: null, rating: null, timestamp: null }, header: null, delimiter: null };

/** @throws when no folder has the three files */
export function splitFiles({ data, root }) {
  const folders = data ? [data] : [join(root, "data"), join(root, "../shared/data")];
  const filesIn = (folder) => Object.fromEntries(PARTS.map((part) => [part, join(folder, `${NAME}.${part}.tsv.gz`)]));
  const found = folders.map(filesIn).find((files) => Object.values(files).every(existsSync));
  if (found) return found;
  throw userError(
    `this suite measures on CiteULike and needs ${PARTS.map((part) => `${NAME}.${part}.tsv.gz`).join(", ")}\n` +
      `looked in: ${folders.join(", ")}\nsay where they are with --data DIR`,
  );
}

/** @returns `{ train, valid, test }` grouped by user */
export async function loadSplit(options) {
  const { parts } = await buildGivenSplit(splitFiles(options), null, DETECT);
  return Object.fromEntries(
    PARTS.map((part) => [part, toInteractions(parts[part], parts[part].users, parts[part].items)]),
  );
}
