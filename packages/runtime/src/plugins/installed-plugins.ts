import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ancestors, readPackage } from "../project/packages.js";

/** Scopes and packages looked at, at most: this serves a "did you mean", not an inventory. */
const LIMIT = 2_000;

/** Names of the packages with the keyword `kdp-plugin` that Node would find from a folder. */
export function installedPlugins(folder: string): readonly string[] {
  const names = new Set<string>();
  let looked = 0;
  for (const at of ancestors(folder)) {
    for (const name of packagesIn(join(at, "node_modules"))) {
      if (looked++ > LIMIT) return [...names];
      const found = readPackage(join(at, "node_modules", name));
      const keywords = found?.json.keywords;
      if (found && Array.isArray(keywords) && keywords.includes("kdp-plugin")) names.add(found.name);
    }
  }
  return [...names].sort();
}

function* packagesIn(folder: string): Generator<string> {
  for (const name of entries(folder)) {
    if (name.startsWith(".")) continue;
    if (name.startsWith("@")) for (const inner of entries(join(folder, name))) yield `${name}/${inner}`;
    else yield name;
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
