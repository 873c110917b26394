import { constants } from "node:fs";
import { dirname, join } from "node:path";
import { inject, injectable } from "tsyringe";
import { RuntimeFault } from "../faults.js";
import { sha256OfFile } from "../keys/sha256.js";
import { TOKENS } from "../tokens.js";
import type { ArtefactMeta, ArtefactReader, ArtefactWriter } from "./artefact.js";
import { filesOf, metaText, parseMeta } from "./artefact-meta.js";
import { systemCode, writeFault, writing } from "./fs-faults.js";
import type { StoreLayout } from "./layout.js";
import type { ProcessTable } from "./process-identity.js";
import { makeFolder, type StoreFs, syncFiles, syncFolder, writeParts } from "./store-fs.js";
import { temporaryName } from "./temporary.js";

export type Lookup =
  | { readonly status: "hit"; readonly meta: ArtefactMeta }
  | { readonly status: "missing" }
  /** Published, but no longer what was published: counts as missing. */
  | { readonly status: "damaged"; readonly why: string };

/** What the runtime knows of an artefact that is about to be published. */
export type PublishedFacts = Pick<
  ArtefactMeta,
  "stage" | "node" | "seconds" | "cpuSeconds" | "threads" | "createdAt"
> & {
  readonly peakRssBytes: number;
};

/** An artefact in the making: invisible until published. */
export interface ArtefactDraft extends ArtefactWriter {
  /** Adds a file that is no table. */
  file(name: string, content: Uint8Array): void;
  /** Makes everything visible at once. A complete artefact of the same key that came first is kept instead. */
  publish(facts: PublishedFacts): Promise<ArtefactMeta>;
  /** Removes what was written. Harmless after `publish`. */
  abandon(): void;
}

/** Where results live, by content key. Narrow, so that another store (S3) can stand in. */
export interface ArtefactStore {
  /** Looks at the description and the file sizes; reads no table. */
  lookup(key: string): Promise<Lookup>;
  /** Compares every table with its digest; the answer is remembered while the process lives. */
  verify(key: string): Promise<Lookup>;
  /** Removes an artefact, damaged or not. */
  remove(key: string): Promise<void>;
  /** Marks the artefact as used now, for `gc`. */
  touch(key: string): void;
  /** @throws RuntimeFault KDP8008 when the artefact is not there or damaged. */
  open(key: string): Promise<ArtefactReader>;
  draft(key: string): Promise<ArtefactDraft>;
  /**
   * Copies the files (not the tables) of an artefact into an existing folder.
   * @returns their bytes, or null when the artefact is not there or damaged
   */
  copyFiles(key: string, folder: string): Promise<number | null>;
  keys(): Promise<readonly string[]>;
}

/** The artefact store in a folder of the project. */
@injectable()
export class FolderStore implements ArtefactStore {
  readonly #layout: StoreLayout;
  readonly #fs: StoreFs;
  readonly #processes: ProcessTable;
  readonly #intact = new Set<string>();

  constructor(
    @inject(TOKENS.layout) layout: StoreLayout,
    @inject(TOKENS.storeFs) fs: StoreFs,
    @inject(TOKENS.processes) processes: ProcessTable,
  ) {
    this.#layout = layout;
    this.#fs = fs;
    this.#processes = processes;
  }

  async lookup(key: string): Promise<Lookup> {
    const folder = this.#layout.artefact(key);
    let text: string;
    try {
      text = this.#fs.readFileSync(join(folder, "artefact.json"), "utf8");
    } catch (error) {
      if (systemCode(error) !== "ENOENT") return { status: "damaged", why: String(error) };
      return this.#fs.existsSync(folder) ? { status: "damaged", why: "artefact.json is gone" } : { status: "missing" };
    }
    const meta = parseMeta(text, key);
    if (typeof meta === "string") return { status: "damaged", why: meta };
    for (const { file, bytes } of filesOf(meta)) {
      const found = this.#fs.statSync(join(folder, file), { throwIfNoEntry: false });
      if (!found) return { status: "damaged", why: `${file} is gone` };
      if (found.size !== bytes) {
        return { status: "damaged", why: `${file} has ${found.size} bytes instead of ${bytes}` };
      }
    }
    return { status: "hit", meta };
  }

  async verify(key: string): Promise<Lookup> {
    const found = await this.lookup(key);
    if (found.status !== "hit" || this.#intact.has(key)) return found;
    for (const { file, sha256 } of filesOf(found.meta)) {
      const digest = await sha256OfFile(join(this.#layout.artefact(key), file)).catch((error) => String(error));
      if (digest !== sha256) return { status: "damaged", why: `the content of ${file} was changed` };
    }
    this.#intact.add(key);
    return found;
  }

  async remove(key: string): Promise<void> {
    this.#intact.delete(key);
    const folder = this.#layout.artefact(key);
    const aside = join(this.#layout.temporary, temporaryName(key, this.#processes.self));
    writing(folder, () => {
      makeFolder(this.#fs, this.#layout.temporary);
      try {
        // Renamed first: no reader may find half of a folder that is being deleted.
        this.#fs.renameSync(folder, aside);
      } catch (error) {
        if (systemCode(error) === "ENOENT") return;
        throw error;
      }
      this.#fs.rmSync(aside, { recursive: true, force: true });
    });
  }

  touch(key: string): void {
    try {
      const now = new Date();
      this.#fs.utimesSync(join(this.#layout.artefact(key), "artefact.json"), now, now);
    } catch {
      // Only `gc` looks at it; a read-only store must still be readable.
    }
  }

  async open(key: string): Promise<ArtefactReader> {
    const found = await this.lookup(key);
    if (found.status !== "hit") {
      throw new RuntimeFault({
        code: "KDP8008",
        kind: "run",
        message: `a stored result cannot be used: ${found.status === "damaged" ? found.why : "it is gone"}`,
        place: this.#layout.artefact(key),
        fix: "run the same command again: the result counts as missing and is computed anew",
      });
    }
    // Loaded here, as a run that is fully cached needs no Arrow.
    const { openArtefact } = await import("./artefact-reader.js");
    return openArtefact(found.meta, this.#layout.artefact(key), this.#fs);
  }

  async draft(key: string): Promise<ArtefactDraft> {
    const { TableFiles } = await import("./table-files.js");
    const folder = join(this.#layout.temporary, temporaryName(key, this.#processes.self));
    writing(folder, () => makeFolder(this.#fs, folder));
    const files = new TableFiles(folder, this.#fs);
    return {
      table: (name, table) => files.table(name, table),
      file: (name, content) => files.file(name, content),
      facts: (facts) => files.facts(facts),
      note: (text) => files.note(text),
      publish: async (facts) => {
        const meta: ArtefactMeta = { kdpArtefact: 1, key, ...facts, ...files.content() };
        try {
          return await this.#publish(meta, folder);
        } finally {
          files.abandon();
        }
      },
      abandon: () => files.abandon(),
    };
  }

  async #publish(meta: ArtefactMeta, folder: string): Promise<ArtefactMeta> {
    const target = this.#layout.artefact(meta.key);
    const names = [...filesOf(meta).map(({ file }) => file), "artefact.json"];
    try {
      writeParts(this.#fs, join(folder, "artefact.json"), Buffer.from(metaText(meta)));
      await syncFiles(
        this.#fs,
        names.map((name) => join(folder, name)),
      );
      syncFolder(this.#fs, folder);
      makeFolder(this.#fs, dirname(target));
    } catch (error) {
      throw writeFault(error, folder);
    }
    for (let attempt = 0; ; attempt++) {
      try {
        this.#fs.renameSync(folder, target);
        syncFolder(this.#fs, dirname(target));
        return meta;
      } catch (error) {
        const taken = ["ENOTEMPTY", "EEXIST", "EPERM"].includes(systemCode(error) ?? "");
        if (!taken || attempt > 0 || !this.#fs.existsSync(target)) throw writeFault(error, target);
        const there = await this.verify(meta.key);
        if (there.status === "hit") return there.meta;
        await this.remove(meta.key);
      }
    }
  }

  async copyFiles(key: string, folder: string): Promise<number | null> {
    const found = await this.verify(key);
    if (found.status === "damaged") await this.remove(key);
    if (found.status !== "hit") return null;
    let total = 0;
    for (const { file, bytes } of found.meta.files ?? []) {
      const target = join(folder, file);
      // Not a hard link: whoever edits an export must not change the store.
      writing(target, () =>
        this.#fs.copyFileSync(join(this.#layout.artefact(key), file), target, constants.COPYFILE_FICLONE),
      );
      total += bytes;
    }
    return total;
  }

  async keys(): Promise<readonly string[]> {
    const list = (folder: string) => (this.#fs.existsSync(folder) ? this.#fs.readdirSync(folder) : []);
    return list(this.#layout.store)
      .flatMap((shard) => list(join(this.#layout.store, shard)))
      .sort();
  }
}
