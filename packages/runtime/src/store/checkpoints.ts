import { dirname } from "node:path";
import { sha256 } from "../keys/sha256.js";
import type { Checkpoints } from "../stages/stage.js";
import { writing } from "./fs-faults.js";
import type { StoreLayout } from "./layout.js";
import { makeFolder, readWhole, replaceFile, type StoreFs } from "./store-fs.js";

/** First line of a checkpoint file: what it is, whose it is, and the digest of what follows. */
const HEADER = /^kdp-checkpoint 1 ([0-9a-f]{64}) ([0-9a-f]{64})\n/;
const HEADER_BYTES = "kdp-checkpoint 1 ".length + 64 + 1 + 64 + 1;

/** The checkpoint of one key: at most one file, replaced in one step. */
export class FileCheckpoints implements Checkpoints {
  readonly #path: string;
  readonly #key: string;
  readonly #fs: StoreFs;

  constructor(layout: StoreLayout, fs: StoreFs, key: string) {
    this.#path = layout.checkpoint(key);
    this.#key = key;
    this.#fs = fs;
  }

  async load(): Promise<Uint8Array | null> {
    if (!this.#fs.existsSync(this.#path)) return null;
    const bytes = readWhole(this.#fs, this.#path);
    const header = HEADER.exec(new TextDecoder("latin1").decode(bytes.subarray(0, HEADER_BYTES)));
    const body = bytes.subarray(HEADER_BYTES);
    if (!header || header[1] !== this.#key || header[2] !== sha256(body)) return null;
    // A buffer of its own, so that typed arrays over it start aligned.
    return body.slice();
  }

  async save(bytes: Uint8Array): Promise<void> {
    const header = Buffer.from(`kdp-checkpoint 1 ${this.#key} ${sha256(bytes)}\n`, "latin1");
    writing(this.#path, () => {
      makeFolder(this.#fs, dirname(this.#path));
      replaceFile(this.#fs, this.#path, header, bytes);
    });
  }

  /** Called when the node's artefact is published. */
  drop(): void {
    this.#fs.rmSync(this.#path, { force: true });
  }
}
