import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const MARKS = ["kdp.config.json", "package.json", ".git"];

/**
 * The project that a folder belongs to: the nearest folder above (or itself) with `kdp.config.json`, `package.json` or
 * `.git`; the folder itself when there is none.
 */
export function projectRoot(folder: string): string {
  const start = resolve(folder);
  for (let at = start; ; at = dirname(at)) {
    if (MARKS.some((mark) => existsSync(join(at, mark)))) return at;
    if (dirname(at) === at) return start;
  }
}
