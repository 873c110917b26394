import { SettableGrant } from "../worker/thread-grant.js";

/** Resident memory of a helper thread with its temporaries, in bytes: measured, and rounded up. */
export const THREAD_BYTES = 16 * 2 ** 20;

/**
 * Threads of nodes that run at once: `threads` in all, shared evenly, and one for each at least. What does not come out even
 * goes to the first.
 */
export function threadShares(threads: number, running: number): readonly number[] {
  const even = Math.floor(threads / running);
  const left = Math.max(0, threads - even * running);
  return Array.from({ length: running }, (_, at) => Math.max(1, even + (at < left ? 1 : 0)));
}

/** Threads that fit into a bound on memory beside what the node itself is expected to take; one where that is not known. */
export function threadsWithin(bound: number, estimate: number | null): number {
  return estimate === null ? 1 : 1 + Math.max(0, Math.floor((bound - estimate) / THREAD_BYTES));
}

/** The grants of running nodes, renewed whenever one begins or ends. */
export class ThreadShares {
  readonly #threads: number;
  readonly #grants = new Map<string, SettableGrant>();

  /** @param threads for all nodes together */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /** Of a node that begins; it is told more when the others are known. */
  open(node: string): SettableGrant {
    const grant = new SettableGrant(1);
    this.#grants.set(node, grant);
    return grant;
  }

  close(node: string): void {
    this.#grants.delete(node);
  }

  /**
   * @param running nodes, those first that the rest of the run waits for
   * @param most threads that a node may have at all
   */
  share(running: readonly string[], most: (node: string) => number): void {
    const shares = threadShares(this.#threads, running.length);
    running.forEach((node, at) => {
      this.#grants.get(node)?.set(Math.min(shares[at] ?? 1, most(node)));
    });
  }
}
