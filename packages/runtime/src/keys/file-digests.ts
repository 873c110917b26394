import { type BigIntStats, statSync } from "node:fs";
import { inject, injectable } from "tsyringe";
import { RuntimeFault } from "../faults.js";
import type { StoreLayout } from "../store/layout.js";
import { recall, remember } from "../store/remembered-file.js";
import type { StoreFs } from "../store/store-fs.js";
import { TOKENS } from "../tokens.js";
import { sha256OfFile } from "./sha256.js";

interface Entry {
  /** size:mtime:inode. While it stays, the content is taken to stay. */
  readonly stamp: string;
  readonly sha256: string;
}

/** Digests of the files that nodes read. */
export interface FileDigests {
  of(path: string): Promise<string>;
  /** Remembers what was computed, for later processes. */
  save(): void;
}

/** Remembers digests in `.kdp/digests.json`, so that a cached run reads no data file. */
@injectable()
export class MemoisedDigests implements FileDigests {
  readonly #layout: StoreLayout;
  readonly #fs: StoreFs;
  readonly #known: Map<string, Entry>;
  #changed = false;

  constructor(@inject(TOKENS.layout) layout: StoreLayout, @inject(TOKENS.storeFs) fs: StoreFs) {
    this.#layout = layout;
    this.#fs = fs;
    this.#known = new Map(Object.entries((recall(fs, layout.digests) ?? {}) as Readonly<Record<string, Entry>>));
  }

  async of(path: string): Promise<string> {
    const before = stampOf(statSync(path, { bigint: true }));
    const known = this.#known.get(path);
    if (known?.stamp === before) return known.sha256;
    const sha256 = await sha256OfFile(path).catch((error) => {
      throw new RuntimeFault(
        {
          code: "KDP7011",
          kind: "user",
          message: `the file cannot be read: ${error instanceof Error ? error.message : error}`,
          place: path,
          fix: "name a file that this user may read",
        },
        { cause: error },
      );
    });
    // A file that changed while it was read has a digest of nothing; it is not remembered.
    if (stampOf(statSync(path, { bigint: true })) === before) {
      this.#known.set(path, { stamp: before, sha256 });
      this.#changed = true;
    }
    return sha256;
  }

  save(): void {
    if (!this.#changed) return;
    if (remember(this.#fs, this.#layout.digests, Object.fromEntries(this.#known))) this.#changed = false;
  }
}

const stampOf = (stats: BigIntStats): string => `${stats.size}:${stats.mtimeNs}:${stats.ino}`;
