import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RuntimeFault } from "../faults.js";
import { writing } from "../store/fs-faults.js";
import { replaceFile, type StoreFs } from "../store/store-fs.js";

/** What `kdp.lock` says of a plugin. */
export interface LockEntry {
  readonly version: string;
  /** Semver range of the plugin API. */
  readonly api: string;
  /** `sha256-<hex>` over the package's name and version and the bytes of its manifest. */
  readonly integrity: string;
}

/** `kdp.lock` of a project: which plugins were used, pinned at first use. Committed with the pipelines. */
export class LockFile {
  readonly path: string;
  readonly existed: boolean;
  readonly #entries: Map<string, LockEntry>;
  #changed = false;

  /** @throws RuntimeFault KDP5503 (user) when the file is there but cannot be read */
  constructor(root: string) {
    this.path = join(root, "kdp.lock");
    this.existed = existsSync(this.path);
    this.#entries = new Map(Object.entries(this.existed ? readEntries(this.path) : {}));
  }

  get(plugin: string): LockEntry | undefined {
    return this.#entries.get(plugin);
  }

  pin(plugin: string, entry: LockEntry): void {
    this.#entries.set(plugin, entry);
    this.#changed = true;
  }

  /** Writes what was pinned since it was read. @throws RuntimeFault KDP8003, KDP8004 */
  save(fs: StoreFs): void {
    if (!this.#changed) return;
    const plugins = Object.fromEntries([...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1)));
    const text = `${JSON.stringify({ kdpLock: 1, plugins }, null, 2)}\n`;
    writing(this.path, () => replaceFile(fs, this.path, Buffer.from(text)));
    this.#changed = false;
  }
}

function readEntries(path: string): Readonly<Record<string, LockEntry>> {
  try {
    const value = JSON.parse(readFileSync(path, "utf8"));
    if (value?.kdpLock === 1 && typeof value.plugins === "object" && value.plugins !== null) return value.plugins;
  } catch {
    // Told below: the fix is the same.
  }
  throw new RuntimeFault({
    code: "KDP5503",
    kind: "user",
    message: "kdp.lock cannot be read",
    place: path,
    fix: "restore it from version control, or delete it to pin the installed plugins anew",
  });
}
