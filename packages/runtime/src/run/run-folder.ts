import { randomBytes } from "node:crypto";
import { readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Project } from "../project/project.js";
import { writing } from "../store/fs-faults.js";
import { StoreLayout } from "../store/layout.js";
import { makeFolder, nodeStoreFs, replaceFile } from "../store/store-fs.js";
import type { RunManifest } from "./manifest.js";

export interface RunFolder {
  readonly run: string;
  readonly path: string;
  /** Whether it is one of the project's own runs, with `latest` beside it. */
  readonly numbered: boolean;
}

/** `20261102T101530-3fa9c1`: sorts by time, unique among runs that start together. */
export function newRunId(now: Date): string {
  return `${now.toISOString().replace(/[-:]|\.\d+Z/g, "")}-${randomBytes(3).toString("hex")}`;
}

/** Makes the folder of a run. @throws RuntimeFault KDP8003, KDP8004 */
export function makeRunFolder(project: Project, pipeline: string, run: string, out: string | undefined): RunFolder {
  const path =
    out === undefined
      ? join(new StoreLayout(project.kdpFolder).runs(pipeline), run)
      : resolve(project.workingFolder, out);
  writing(path, () => makeFolder(nodeStoreFs, path));
  keepOutOfGit(project.kdpFolder);
  return { run, path, numbered: out === undefined };
}

/** Nobody wants caches in version control; an existing `.gitignore` there is left as it is. */
function keepOutOfGit(kdpFolder: string): void {
  try {
    writeFileSync(join(kdpFolder, ".gitignore"), "*\n", { flag: "wx" });
  } catch {
    // It is there, or the project is read-only.
  }
}

/** Writes `manifest.json` in one step and points `latest` to the folder. */
export function finishRunFolder(folder: RunFolder, manifest: RunManifest): void {
  const file = join(folder.path, "manifest.json");
  writing(file, () => replaceFile(nodeStoreFs, file, Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)));
  if (folder.numbered) pointLatest(folder.path);
}

/** Beside the run: `latest`, a link, or where links are not allowed (Windows) a file with the run's name. */
function pointLatest(path: string): void {
  const latest = join(dirname(path), "latest");
  const fresh = `${latest}.${randomBytes(4).toString("hex")}`;
  try {
    symlinkSync(basename(path), fresh, "dir");
    renameSync(fresh, latest);
  } catch {
    rmSync(fresh, { force: true });
    writeFileSync(`${latest}.txt`, basename(path));
  }
}

/** Folders of the project's own runs of a pipeline, newest first. */
export function runFolders(runs: string): readonly string[] {
  try {
    return readdirSync(runs)
      .filter((name) => /^\d{8}T\d{6}-[0-9a-f]{6}$/.test(name))
      .sort()
      .reverse()
      .map((name) => join(runs, name));
  } catch {
    return [];
  }
}
