import { realpathSync, statSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { FileRef } from "@kdp/dsl";
import { RuntimeFault } from "../faults.js";
import { systemCode } from "../store/fs-faults.js";
import { missingFile } from "./missing-file.js";
import { findPackage, isPackageName, resolveInPackage } from "./packages.js";
import type { Project } from "./project.js";

export interface NodeFileOptions {
  readonly project: Project;
  /** `--allow-outside` */
  readonly allowOutside: boolean;
}

/**
 * The absolute path of a file that a node reads. A path in a pipeline must stay inside the project; one from the command
 * line (`--set`) was typed by the person who runs it and may lie anywhere. Packaged files (`npm:`) are where Node finds them.
 * @throws RuntimeFault KDP7001 (not found), KDP7011 (no file), KDP7013 (outside the project)
 */
export function resolveNodeFile(ref: FileRef, place: string, options: NodeFileOptions): string {
  if (ref.path.startsWith("npm:")) return packagedFile(ref.path.slice("npm:".length), place, options.project);
  const path = resolve(ref.base ?? options.project.workingFolder, ref.path);
  const confined = ref.base !== null && !options.allowOutside;
  // Checked before and after links are followed: before, so that the message does not tell whether a file is there.
  if (confined && !isInside(path, options.project.root)) throw outside(ref.path, place, options.project.root);
  const real = existing(path, ref.path, place);
  if (confined && !isInside(real, realpathSync(options.project.root))) {
    throw outside(ref.path, place, options.project.root);
  }
  return path;
}

function existing(path: string, written: string, place: string): string {
  try {
    const real = realpathSync(path);
    if (statSync(real).isFile()) return real;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new RuntimeFault({
        code: "KDP7001",
        kind: "user",
        message: missingFile(path, written),
        place,
        fix: `looked for ${path}: paths in a pipeline start from its own folder, paths of --set from the working directory`,
      });
    }
    throw unreadable(written, place, error instanceof Error ? error.message : String(error));
  }
  throw unreadable(written, place, "it is a folder", "name a file in it");
}

function unreadable(
  written: string,
  place: string,
  why: string,
  fix = "name a file that this user may read",
): RuntimeFault {
  return new RuntimeFault({
    code: "KDP7011",
    kind: "user",
    message: `"${written}" cannot be opened: ${why}`,
    place,
    fix,
  });
}

function outside(written: string, place: string, root: string): RuntimeFault {
  return new RuntimeFault({
    code: "KDP7013",
    kind: "user",
    message: `"${written}" lies outside the project ${root}`,
    place,
    fix: "move the file into the project, or allow it for this run with --allow-outside",
  });
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function packagedFile(specifier: string, place: string, project: Project): string {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? "";
  const file = specifier.slice(name.length + 1);
  const refuse = (message: string, fix: string) =>
    new RuntimeFault({ code: "KDP7001", kind: "user", message, place, fix });
  if (!isPackageName(name) || file === "" || file.split("/").includes("..")) {
    throw refuse(`"npm:${specifier}" names no file of a package`, `write "npm:<package>/<file>"`);
  }
  const found = findPackage(name, project.pipelineFolder);
  if (!found) throw refuse(`the package "${name}" is not installed`, `install it in the project: npm install ${name}`);
  let path: string;
  try {
    path = resolveInPackage(specifier, project.pipelineFolder);
  } catch (error) {
    const hidden = systemCode(error) === "ERR_PACKAGE_PATH_NOT_EXPORTED";
    throw refuse(
      `the package "${name}" (${found.version}) ${hidden ? "does not offer" : "has no"} file "${file}"`,
      `look for its files in ${found.folder}`,
    );
  }
  return existing(path, `npm:${specifier}`, place);
}
