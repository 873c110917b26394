import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../../../", import.meta.url);

/** The packaged data set: always there. */
export const instEval = fileURLToPath(new URL("packages/dataset-insteval/insteval.tsv.gz", root));

/** A data set that may not be put into the project and lies beside it on some machines; null where it does not. */
export function sharedData(name: string): string | null {
  const path = fileURLToPath(new URL(`../shared/data/${name}.tsv.gz`, root));
  return existsSync(path) ? path : null;
}

/** For the title of a test that needs one. */
export const SKIPPED = "(needs ../shared/data, skipped where it is absent)";
