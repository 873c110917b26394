import { pathToFileURL } from "node:url";
import { RuntimeFault } from "../faults.js";
import { findPackage } from "../project/packages.js";
import { packageEntry } from "./package-entry.js";
import { readManifest } from "./plugin-resolver.js";
import type { PluginSource } from "./plugin-source.js";

/**
 * A plugin that needs no `use`: the host (the command line) names the packages of its standard library. Reads the manifest,
 * runs no code.
 * @param fromFolder folder of the host, from where Node's resolution starts
 * @throws RuntimeFault KDP9001: a broken installation of kdp itself
 */
export function librarySource(name: string, fromFolder: string): PluginSource {
  const found = findPackage(name, fromFolder);
  const broken = (message: string) =>
    new RuntimeFault({
      code: "KDP9001",
      kind: "bug",
      message,
      place: name,
      fix: "install kdp again; in a clone, build it first (npm run build)",
    });
  if (!found) throw broken(`the standard library "${name}" is not installed`);
  const read = readManifest(found);
  if (!read.ok) throw broken(read.message);
  const entry = packageEntry(found);
  if (entry === null) throw broken(`"${name}" has no module to load`);
  return { manifest: read.manifest, entry: pathToFileURL(entry).href, folder: found.folder };
}
