import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Real path of its folder. */
  readonly folder: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * Finds a package the way Node would from a folder: itself (a package may name itself), then `node_modules` upwards.
 * Unlike `require.resolve` it needs neither an entry nor an exported `package.json`, and it runs no code.
 */
export function findPackage(name: string, fromFolder: string): InstalledPackage | null {
  for (const folder of ancestors(fromFolder)) {
    const self = existsSync(join(folder, "package.json")) ? readPackage(folder) : null;
    if (self?.name === name) return self;
    const installed = join(folder, "node_modules", name);
    if (existsSync(join(installed, "package.json"))) return readPackage(installed);
  }
  return null;
}

export function* ancestors(folder: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}

/** Null when `package.json` is not the JSON of a package. */
export function readPackage(folder: string): InstalledPackage | null {
  try {
    const real = realpathSync(folder);
    const json = JSON.parse(readFileSync(join(real, "package.json"), "utf8"));
    if (typeof json.name !== "string") return null;
    return { name: json.name, version: String(json.version ?? "0.0.0"), folder: real, json };
  } catch {
    return null;
  }
}

/** A legal npm package name: keeps `..` and absolute paths out of look-ups in `node_modules`. */
export function isPackageName(name: string): boolean {
  return /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(name);
}

/** Resolves `<package>/<file>` as Node does (the package's `exports` are honoured). @throws Node's own error */
export function resolveInPackage(specifier: string, fromFolder: string): string {
  return createRequire(join(fromFolder, "pipeline.kdp")).resolve(specifier);
}
