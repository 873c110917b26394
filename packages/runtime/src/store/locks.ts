import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { inject, injectable } from "tsyringe";
import { TOKENS } from "../tokens.js";
import { systemCode, writing } from "./fs-faults.js";
import type { StoreLayout } from "./layout.js";
import type { ProcessIdentity, ProcessTable } from "./process-identity.js";
import { makeFolder, type StoreFs, writeDurably } from "./store-fs.js";

/** Who computes a key now. */
export interface LockHolder extends ProcessIdentity {
  readonly token: string;
  readonly run: string;
  readonly node: string;
  readonly since: string;
}

export type LockAttempt =
  | { readonly held: true; release(): void }
  | { readonly held: false; readonly holder: LockHolder };

/** One computation per key among all runs that share a store. */
export interface LockService {
  /** Tries once and does not wait. A lock whose owner is gone is taken over. */
  tryAcquire(key: string, wanted: { readonly run: string; readonly node: string }): LockAttempt;
}

/**
 * Locks as files. The file comes into being with its content in one step (a hard link to a finished file), so that nobody
 * reads half of it. Should two runs ever hold one key after all (see {@link FileLocks.#takeOver}), both compute the same
 * bytes and the store keeps one: locks save work, they do not guard correctness.
 */
@injectable()
export class FileLocks implements LockService {
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

  tryAcquire(key: string, wanted: { readonly run: string; readonly node: string }): LockAttempt {
    const path = this.#layout.lock(key);
    const mine: LockHolder = {
      ...this.#processes.self,
      token: randomUUID(),
      since: new Date().toISOString(),
      ...wanted,
    };
    return writing(path, () => {
      makeFolder(this.#fs, dirname(path));
      for (;;) {
        if (this.#create(path, mine)) return { held: true, release: () => this.#release(path, mine) };
        const holder = this.holder(key);
        if (holder === null) continue;
        if (holder !== "unreadable" && this.#processes.isAlive(holder)) return { held: false, holder };
        this.#takeOver(path, holder === "unreadable" ? null : holder.token);
      }
    });
  }

  /** Who holds the lock of a key; null when nobody does. */
  holder(key: string): LockHolder | "unreadable" | null {
    try {
      return JSON.parse(this.#fs.readFileSync(this.#layout.lock(key), "utf8")) as LockHolder;
    } catch (error) {
      return systemCode(error) === "ENOENT" ? null : "unreadable";
    }
  }

  #create(path: string, mine: LockHolder): boolean {
    const draft = `${path}.${mine.token}`;
    writeDurably(this.#fs, draft, Buffer.from(JSON.stringify(mine)));
    try {
      this.#fs.linkSync(draft, path);
      return true;
    } catch (error) {
      if (systemCode(error) === "EEXIST") return false;
      throw error;
    } finally {
      this.#fs.unlinkSync(draft);
    }
  }

  /**
   * Removes the lock of a dead owner. It is renamed before it is removed, so of several runs that see it only one gets it;
   * if that one finds a fresh lock in its hands, someone was quicker and gets the lock back.
   */
  #takeOver(path: string, expected: string | null): void {
    const aside = `${path}.${randomUUID()}`;
    try {
      this.#fs.renameSync(path, aside);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return;
      throw error;
    }
    try {
      if (expected !== null && tokenIn(this.#fs.readFileSync(aside, "utf8")) !== expected)
        this.#fs.linkSync(aside, path);
    } catch {
      // A third run holds the lock already.
    } finally {
      this.#fs.unlinkSync(aside);
    }
  }

  #release(path: string, mine: LockHolder): void {
    try {
      if (tokenIn(this.#fs.readFileSync(path, "utf8")) === mine.token) this.#fs.unlinkSync(path);
    } catch {
      // Gone already; or the store became read-only, and then the next run finds the owner dead.
    }
  }
}

function tokenIn(text: string): string | null {
  try {
    return (JSON.parse(text) as LockHolder).token;
  } catch {
    return null;
  }
}
