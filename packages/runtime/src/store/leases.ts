import { join } from "node:path";
import { inject, injectable } from "tsyringe";
import { TOKENS } from "../tokens.js";
import type { StoreLayout } from "./layout.js";
import type { ProcessIdentity, ProcessTable } from "./process-identity.js";
import { makeFolder, replaceFile, type StoreFs } from "./store-fs.js";

/** Says which artefacts a running pipeline counts on, so that `kdp cache gc` beside it leaves them alone. */
@injectable()
export class Leases {
  readonly #layout: StoreLayout;
  readonly #fs: StoreFs;
  readonly #processes: ProcessTable;

  constructor(
    @inject(TOKENS.layout) layout: StoreLayout,
    @inject(TOKENS.storeFs) fs: StoreFs,
    @inject(TOKENS.processes) processes: ProcessTable,
  ) {
    this.#layout = layout;
    this.#fs = fs;
    this.#processes = processes;
  }

  /** @returns what ends the lease */
  take(run: string, keys: readonly string[]): () => void {
    const path = join(this.#layout.leases, `${run}.json`);
    try {
      makeFolder(this.#fs, this.#layout.leases);
      replaceFile(this.#fs, path, Buffer.from(JSON.stringify({ owner: this.#processes.self, keys })));
    } catch {
      // A read-only store can still be read; nothing can be collected from it either.
    }
    return () => {
      try {
        this.#fs.rmSync(path, { force: true });
      } catch {
        // The owner ends soon, and with it the lease.
      }
    };
  }

  /** Keys of all live runs. Leases of runs that were killed are removed on the way. */
  held(): ReadonlySet<string> {
    const keys = new Set<string>();
    if (!this.#fs.existsSync(this.#layout.leases)) return keys;
    for (const name of this.#fs.readdirSync(this.#layout.leases)) {
      const path = join(this.#layout.leases, name);
      const lease = this.#read(path);
      if (lease && this.#processes.isAlive(lease.owner)) for (const key of lease.keys) keys.add(key);
      else this.#fs.rmSync(path, { force: true });
    }
    return keys;
  }

  #read(path: string): { readonly owner: ProcessIdentity; readonly keys: readonly string[] } | null {
    try {
      return JSON.parse(this.#fs.readFileSync(path, "utf8"));
    } catch {
      return null;
    }
  }
}
