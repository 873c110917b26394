/** How many threads a task may use for now. Its results do not depend on it. */
export interface ThreadGrant {
  readonly threads: number;
  /** Calls `listener` on every change. @returns what ends that */
  onChange(listener: (threads: number) => void): () => void;
}

/** A grant that its owner changes. */
export class SettableGrant implements ThreadGrant {
  readonly #listeners = new Set<(threads: number) => void>();
  #threads: number;

  constructor(threads: number) {
    this.#threads = threads;
  }

  get threads(): number {
    return this.#threads;
  }

  set(threads: number): void {
    if (threads === this.#threads) return;
    this.#threads = threads;
    for (const listener of this.#listeners) listener(threads);
  }

  onChange(listener: (threads: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
