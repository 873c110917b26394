import { readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { didYouMean } from "@kdp/dsl";

/** Says that a file is not there, and which of its folder could be meant. @param written the path as the user wrote it */
export function missingFile(path: string, written: string): string {
  const near = didYouMean(basename(path), neighbours(dirname(path)));
  return `there is no file "${written}"${near === null ? "" : `; did you mean "${near}"?`}`;
}

function neighbours(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No folder either.
    return [];
  }
}
