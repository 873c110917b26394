import { dirname, join, resolve } from "node:path";
import { type ProjectConfig, readConfig } from "./config.js";
import { projectRoot } from "./root.js";

/** Where a pipeline lives. */
export interface Project {
  readonly root: string;
  /** Home of artefacts, runs and locks. */
  readonly kdpFolder: string;
  /** Absolute path of the `.kdp` file. */
  readonly pipelineFile: string;
  readonly pipelineFolder: string;
  /** What `--set` paths start from. */
  readonly workingFolder: string;
  readonly config: ProjectConfig;
}

/** @throws RuntimeFault KDP5509 for a broken `kdp.config.json`. */
export function openProject(pipelineFile: string, workingFolder: string): Project {
  const file = resolve(workingFolder, pipelineFile);
  const root = projectRoot(dirname(file));
  return {
    root,
    kdpFolder: join(root, ".kdp"),
    pipelineFile: file,
    pipelineFolder: dirname(file),
    workingFolder: resolve(workingFolder),
    config: readConfig(root),
  };
}
