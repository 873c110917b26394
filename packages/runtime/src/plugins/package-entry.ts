import { existsSync } from "node:fs";
import { join } from "node:path";
import type { InstalledPackage } from "../project/packages.js";

const CONDITIONS = new Set(["node", "import", "default"]);

/**
 * Absolute path of the module that `import "<package>"` loads. Node offers no way to ask for it from another folder without
 * running code, so the part of its algorithm that a main module needs is done here: `exports["."]` by condition, then `main`.
 * @returns null when the package has no such file
 */
export function packageEntry(found: InstalledPackage): string | null {
  const { exports: declared, main } = found.json;
  const target =
    declared === undefined || declared === null
      ? typeof main === "string"
        ? main
        : "index.js"
      : targetOf(isSubpaths(declared) ? declared["."] : declared);
  if (target === null) return null;
  const path = join(found.folder, target);
  return existsSync(path) ? path : null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSubpaths = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) && Object.keys(value).every((key) => key.startsWith("."));

function targetOf(value: unknown): string | null {
  // A target that does not start with "./" would leave the package; Node refuses it too.
  if (typeof value === "string") return value.startsWith("./") && !value.split("/").includes("..") ? value : null;
  if (Array.isArray(value)) return firstTarget(value);
  return isRecord(value)
    ? firstTarget(Object.entries(value).flatMap(([condition, inner]) => (CONDITIONS.has(condition) ? [inner] : [])))
    : null;
}

function firstTarget(values: readonly unknown[]): string | null {
  for (const value of values) {
    const target = targetOf(value);
    if (target !== null) return target;
  }
  return null;
}
