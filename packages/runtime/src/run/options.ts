import type { PluginSource } from "../plugins/plugin-source.js";

/** What names a pipeline and its arguments: the same for check, plan and run. */
export interface PipelineOptions {
  /** The `.kdp` file, relative to `workingFolder`. */
  readonly file: string;
  /** Plugins that need no `use` (see `librarySource`). */
  readonly library: readonly PluginSource[];
  /** Default: that of this process. */
  readonly workingFolder?: string;
  /** Which pipeline of the file, when there are several. */
  readonly pipeline?: string;
  /** `--set name=value`, as typed. */
  readonly set?: Readonly<Record<string, string>>;
  /** Content of `--params file.json`. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly maxCells?: number;
  /** Files of the pipeline may lie outside the project. */
  readonly allowOutside?: boolean;
  /** Plugins must be pinned in `kdp.lock` already. */
  readonly frozen?: boolean;
  /** Nodes, lists or exports to compute with all they need, and nothing else (see `partOfPlan`). Default: everything. */
  readonly only?: readonly string[];
  /** Default: the environment's `KDP_DEVICE`, else `auto`. */
  readonly device?: string;
}

export interface RunOptions extends PipelineOptions {
  /** Folder of the run; default `.kdp/runs/<pipeline>/<run id>`. */
  readonly out?: string;
  /**
   * Nodes at once; default: `jobs` of the configuration, else the number of cores. Threads too, of all nodes together: one that
   * runs while slots are free may use them.
   */
  readonly jobs?: number;
  /** Manifest of another run, its folder, or a git ref. */
  readonly baseline?: string;
  readonly requireBaseline?: boolean;
  /** Aborting it with the reason `SIGINT` or `SIGTERM` stops the run in order. See `interruptsOf`. */
  readonly signal?: AbortSignal;
}
