import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { ManifestLookup } from "@kdp/dsl";
import { PLUGIN_API_VERSION, type PluginManifest } from "@kdp/plugin-api";
import { sha256 } from "../keys/sha256.js";
import { findPackage, type InstalledPackage, isPackageName } from "../project/packages.js";
import { installedPlugins } from "./installed-plugins.js";
import type { LockFile } from "./lock-file.js";
import { manifestProblem } from "./manifest-check.js";
import { packageEntry } from "./package-entry.js";
import type { PluginSource } from "./plugin-source.js";

/** Loaded at the first `use`: most pipelines have none, and the compiler cannot wait for an import. */
const semver = (): typeof import("semver") => createRequire(import.meta.url)("semver");

export interface PluginSpec {
  readonly name: string;
  readonly range: string | null;
}

type Failure = Extract<ManifestLookup, { readonly ok: false }>;

/** Resolves `use "name@range"` for the compiler: reads files, runs no code, and checks everything that can be checked. */
export class PluginResolver {
  readonly #lock: LockFile;
  readonly #frozen: boolean;
  readonly #found = new Map<string, PluginSource>();

  constructor(lock: LockFile, options: { readonly frozen: boolean }) {
    this.#lock = lock;
    this.#frozen = options.frozen;
  }

  /** Plugins resolved so far, by name. */
  get sources(): ReadonlyMap<string, PluginSource> {
    return this.#found;
  }

  resolve(spec: PluginSpec, fromFile: string): ManifestLookup {
    const folder = dirname(fromFile);
    const found = isPackageName(spec.name) ? findPackage(spec.name, folder) : null;
    if (!found) return notInstalled(spec, folder);
    const read = readManifest(found);
    if (!read.ok) return read;
    const { manifest, integrity } = read;
    const failure = rangeFailure(spec, found) ?? apiFailure(manifest) ?? this.#lockFailure(found, manifest, integrity);
    if (failure) return failure;
    const entry = packageEntry(found);
    if (entry === null) {
      return failed(
        "KDP5505",
        `"${found.name}" has no module to load: look at "exports" or "main" of its package.json`,
      );
    }
    this.#found.set(manifest.name, { manifest, entry: pathToFileURL(entry).href, folder: found.folder });
    return { ok: true, manifest };
  }

  #lockFailure(found: InstalledPackage, manifest: PluginManifest, integrity: string): Failure | null {
    const entry = { version: found.version, api: manifest.api, integrity };
    const pinned = this.#lock.get(found.name);
    if (!pinned && this.#frozen) {
      const why = this.#lock.existed ? `kdp.lock does not pin "${found.name}"` : "there is no kdp.lock";
      return failed(
        "KDP5508",
        `${why}, and --frozen allows no new pins: run once without --frozen and commit kdp.lock`,
      );
    }
    if (!pinned) {
      this.#lock.pin(found.name, entry);
      return null;
    }
    if (pinned.version === entry.version && pinned.integrity === entry.integrity) return null;
    const what =
      pinned.version === entry.version
        ? `the manifest of "${found.name}" ${entry.version} is not the one that kdp.lock pins`
        : `"${found.name}" is installed as ${entry.version}, but kdp.lock pins ${pinned.version}`;
    return failed(
      "KDP5503",
      `${what}: install the pinned one, or remove its entry from ${this.#lock.path} to accept this one`,
    );
  }
}

const failed = (code: Failure["code"], message: string, candidates?: readonly string[]): Failure => ({
  ok: false,
  code,
  message,
  ...(candidates ? { candidates } : {}),
});

function notInstalled(spec: PluginSpec, folder: string): Failure {
  const range = spec.range === null ? "" : `@${spec.range}`;
  return failed(
    "KDP5501",
    `the plugin "${spec.name}" is not installed here: npm install "${spec.name}${range}"`,
    installedPlugins(folder),
  );
}

function rangeFailure(spec: PluginSpec, found: InstalledPackage): Failure | null {
  if (spec.range === null) return null;
  if (semver().validRange(spec.range) === null) {
    return failed(
      "KDP5502",
      `"${spec.range}" is not a range of versions; write for example "${found.name}@^${found.version}"`,
    );
  }
  if (semver().satisfies(found.version, spec.range, { includePrerelease: true })) return null;
  return failed(
    "KDP5502",
    `"${found.name}" is installed as ${found.version}, which is outside ${spec.range}: npm install "${found.name}@${spec.range}"`,
  );
}

function apiFailure(manifest: PluginManifest): Failure | null {
  if (semver().validRange(manifest.api) === null) {
    return failed("KDP5505", `the manifest of "${manifest.name}" is invalid: api: "${manifest.api}" is not a range`);
  }
  if (semver().satisfies(PLUGIN_API_VERSION, manifest.api)) return null;
  return failed(
    "KDP5504",
    `"${manifest.name}" ${manifest.version} is written for plugin API ${manifest.api}; this kdp has ${PLUGIN_API_VERSION}`,
  );
}

type ManifestFile = { readonly ok: true; readonly manifest: PluginManifest; readonly integrity: string } | Failure;

/** Reads the manifest that a package declares. Its path may not leave the package. */
export function readManifest(found: InstalledPackage): ManifestFile {
  const kdp = found.json.kdp;
  const declared = typeof kdp === "object" && kdp !== null && "manifest" in kdp ? kdp.manifest : undefined;
  if (typeof declared !== "string") {
    return failed("KDP5505", `"${found.name}" is no kdp plugin: its package.json has no "kdp": { "manifest": … }`);
  }
  const path = resolve(found.folder, declared);
  const way = relative(found.folder, path);
  const invalid = (why: string) => failed("KDP5505", `the manifest of "${found.name}" is invalid: ${why}`);
  if (way.startsWith(`..${sep}`) || way === "..") return invalid(`"${declared}" lies outside the package`);
  let bytes: Buffer;
  let value: unknown;
  try {
    bytes = readFileSync(path);
  } catch {
    return invalid(
      `there is no file ${join(found.name, way)}; write it first, with manifestOf of @kdp/plugin-api (docs/plugins.md shows the script)`,
    );
  }
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    return invalid(`it is not JSON (${error instanceof Error ? error.message : error})`);
  }
  const problem = manifestProblem(value);
  if (problem) return invalid(problem);
  const manifest = value as PluginManifest;
  if (manifest.name !== found.name) return invalid(`name: it says "${manifest.name}"`);
  if (manifest.version !== found.version) {
    return invalid(`version: it says ${manifest.version}, package.json ${found.version}; write its manifest again`);
  }
  return { ok: true, manifest, integrity: `sha256-${sha256(Buffer.concat([identity(found), bytes]))}` };
}

const identity = (found: InstalledPackage): Buffer => Buffer.from(`${found.name}@${found.version}\n`);
