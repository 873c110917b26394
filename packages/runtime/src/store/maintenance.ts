import { join } from "node:path";
import { inject, injectable } from "tsyringe";
import { recallMemory } from "../keys/key-memory.js";
import { TOKENS } from "../tokens.js";
import { bytesOf } from "./artefact-meta.js";
import type { ArtefactStore } from "./artefact-store.js";
import { writing } from "./fs-faults.js";
import { isKey, type StoreLayout } from "./layout.js";
import type { Leases } from "./leases.js";
import type { ProcessTable } from "./process-identity.js";
import type { StoreFs } from "./store-fs.js";
import { sweepTemporary } from "./temporary.js";

/** A stored artefact, as `kdp cache ls` shows it. */
export interface CacheEntry {
  readonly key: string;
  readonly stage: string;
  /** The node that wrote it first. */
  readonly node: string;
  /** Of its tables and files. */
  readonly bytes: number;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  /** Whether the last run of some pipeline, or one that is running, counts on it. */
  readonly inUse: boolean;
  /** Null, or why it can no longer be used. */
  readonly damage: string | null;
}

export interface CollectOptions {
  /** Only what was not used for so long; default 0: everything that no last run counts on. */
  readonly unusedForMs?: number;
  /** Then the least recently used, until the store is not larger than this. Never what a running pipeline counts on. */
  readonly maxBytes?: number;
  /** Only tells what would be removed. */
  readonly dryRun?: boolean;
}

export interface Collected {
  readonly removed: readonly CacheEntry[];
  readonly removedBytes: number;
  readonly keptBytes: number;
  /** Unfinished artefacts, checkpoints of finished nodes and locks that killed processes left behind. */
  readonly leftovers: number;
}

/** `kdp cache`: looks after the artefact store of a project. */
@injectable()
export class CacheMaintenance {
  readonly #layout: StoreLayout;
  readonly #fs: StoreFs;
  readonly #store: ArtefactStore;
  readonly #leases: Leases;
  readonly #processes: ProcessTable;

  constructor(
    @inject(TOKENS.layout) layout: StoreLayout,
    @inject(TOKENS.storeFs) fs: StoreFs,
    @inject(TOKENS.store) store: ArtefactStore,
    @inject(TOKENS.leases) leases: Leases,
    @inject(TOKENS.processes) processes: ProcessTable,
  ) {
    this.#layout = layout;
    this.#fs = fs;
    this.#store = store;
    this.#leases = leases;
    this.#processes = processes;
  }

  /** All artefacts, the most recently used first. */
  async list(): Promise<readonly CacheEntry[]> {
    const inUse = new Set([...this.#leases.held(), ...this.#remembered()]);
    const keys = (await this.#store.keys()).filter(isKey);
    const entries = await Promise.all(keys.map((key) => this.#entry(key, inUse.has(key))));
    return entries.sort((a, b) => (a.lastUsedAt < b.lastUsedAt ? 1 : -1));
  }

  /** Compares every table with its digest. @returns the damaged artefacts, removed when `remove` says so */
  async verify({
    remove = false,
  } = {}): Promise<{ readonly checked: number; readonly damaged: readonly CacheEntry[] }> {
    const damaged: CacheEntry[] = [];
    const entries = await this.list();
    for (const entry of entries) {
      const found = await this.#store.verify(entry.key);
      if (found.status === "hit") continue;
      damaged.push({ ...entry, damage: found.status === "damaged" ? found.why : "it is gone" });
      if (remove) await this.#store.remove(entry.key);
    }
    return { checked: entries.length, damaged };
  }

  /** Removes what no last run of a pipeline counts on, damaged artefacts, and what killed processes left behind. */
  async collect({
    unusedForMs = 0,
    maxBytes = Number.POSITIVE_INFINITY,
    dryRun = false,
  }: CollectOptions = {}): Promise<Collected> {
    const held = this.#leases.held();
    const entries = await this.list();
    const before = Date.now() - unusedForMs;
    const removed = new Set(
      entries.filter(
        ({ key, inUse, damage, lastUsedAt }) =>
          !held.has(key) && (damage !== null || (!inUse && Date.parse(lastUsedAt) <= before)),
      ),
    );
    let kept = sizeOf(entries.filter((entry) => !removed.has(entry)));
    for (const entry of [...entries].reverse()) {
      if (kept <= maxBytes) break;
      if (removed.has(entry) || held.has(entry.key)) continue;
      removed.add(entry);
      kept -= entry.bytes;
    }
    if (!dryRun) for (const { key } of removed) await this.#store.remove(key);
    const leftovers = dryRun ? 0 : this.#sweep();
    return { removed: [...removed], removedBytes: sizeOf([...removed]), keptBytes: kept, leftovers };
  }

  async #entry(key: string, inUse: boolean): Promise<CacheEntry> {
    const found = await this.#store.lookup(key);
    const meta = found.status === "hit" ? found.meta : null;
    const folder = this.#layout.artefact(key);
    const used =
      this.#fs.statSync(join(folder, "artefact.json"), { throwIfNoEntry: false }) ??
      this.#fs.statSync(folder, { throwIfNoEntry: false });
    return {
      key,
      stage: meta?.stage ?? "unknown",
      node: meta?.node ?? "unknown",
      bytes: meta ? bytesOf(meta) : 0,
      createdAt: meta?.createdAt ?? new Date(used?.mtimeMs ?? 0).toISOString(),
      lastUsedAt: new Date(used?.mtimeMs ?? 0).toISOString(),
      inUse,
      damage: found.status === "damaged" ? found.why : null,
    };
  }

  /** Keys that the last run of each pipeline used. */
  *#remembered(): Generator<string> {
    for (const name of this.#names(this.#layout.memories)) {
      const { nodes, exports } = recallMemory(this.#fs, join(this.#layout.memories, name));
      for (const { key } of Object.values(nodes)) yield key;
      yield* exports;
    }
  }

  #sweep(): number {
    let removed = sweepTemporary(this.#layout, this.#fs, this.#processes);
    const published = new Set(
      this.#names(this.#layout.store).flatMap((shard) => this.#names(join(this.#layout.store, shard))),
    );
    const checkpoints = this.#names(this.#layout.checkpoints);
    const locks = this.#names(this.#layout.locks);
    // Read last: whoever wrote one of these files and still runs has its lease by now. It may be half way through writing
    // a checkpoint or a lock, and would fail if the draft vanished before it is renamed.
    const held = this.#leases.held();
    const isOfLiveRun = (name: string) => held.has(name.slice(0, name.indexOf(".")));
    writing(this.#layout.root, () => {
      for (const name of checkpoints) {
        if (isOfLiveRun(name) || (!published.has(name.replace(/\.ckpt$/, "")) && !name.endsWith(".tmp"))) continue;
        this.#fs.rmSync(join(this.#layout.checkpoints, name), { force: true });
        removed++;
      }
      for (const name of locks) {
        const path = join(this.#layout.locks, name);
        if (isOfLiveRun(name) || this.#isHeld(path)) continue;
        this.#fs.rmSync(path, { force: true });
        removed++;
      }
    });
    return removed;
  }

  #isHeld(lock: string): boolean {
    try {
      return this.#processes.isAlive(JSON.parse(this.#fs.readFileSync(lock, "utf8")));
    } catch {
      return false;
    }
  }

  #names(folder: string): readonly string[] {
    return this.#fs.existsSync(folder) ? this.#fs.readdirSync(folder) : [];
  }
}

const sizeOf = (entries: readonly CacheEntry[]): number => entries.reduce((sum, { bytes }) => sum + bytes, 0);
