import { join } from "node:path";

/** Where things lie under the project's `.kdp` folder. */
export class StoreLayout {
  readonly root: string;
  constructor(kdpFolder: string) {
    this.root = kdpFolder;
  }
  get store(): string {
    return join(this.root, "store");
  }
  /** Folder of a published artefact. */
  artefact(key: string): string {
    return join(this.store, key.slice(0, 2), key);
  }
  /** Artefacts in the making. On the same file system as the store, as a rename needs it. */
  get temporary(): string {
    return join(this.root, "tmp");
  }
  get locks(): string {
    return join(this.root, "locks");
  }
  lock(key: string): string {
    return join(this.locks, `${key}.lock`);
  }
  get checkpoints(): string {
    return join(this.root, "checkpoints");
  }
  checkpoint(key: string): string {
    return join(this.checkpoints, `${key}.ckpt`);
  }
  get leases(): string {
    return join(this.root, "leases");
  }
  get digests(): string {
    return join(this.root, "digests.json");
  }
  /** What the devices of this machine answered. */
  get devices(): string {
    return join(this.root, "devices.json");
  }
  get memories(): string {
    return join(this.root, "state");
  }
  /** What the last run of a pipeline knew of its nodes. */
  memory(pipeline: string): string {
    return join(this.memories, `${pipeline}.json`);
  }
  /** Significance tests of the last run of a pipeline. */
  comparisons(pipeline: string): string {
    return join(this.root, "comparisons", `${pipeline}.json`);
  }
  runs(pipeline: string): string {
    return join(this.root, "runs", pipeline);
  }
}

/** Content keys are sha256 in hex; anything else must not become a path. */
export function isKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
