/** Bytes of a WebAssembly page. */
export const PAGE = 65536;

interface Run {
  start: number;
  pages: number;
}

/** Free runs of pages, by address; neighbours are one run. */
export class PageRuns {
  readonly #runs: Run[] = [];

  /** Smallest run that is long enough (the lowest of these), cut to `pages`; -1 when there is none. */
  take(pages: number): number {
    let best = -1;
    for (let i = 0; i < this.#runs.length; i++) {
      const run = this.#runs[i] as Run;
      if (run.pages >= pages && (best < 0 || run.pages < (this.#runs[best] as Run).pages)) best = i;
    }
    if (best < 0) return -1;
    const run = this.#runs[best] as Run;
    const start = run.start;
    if (run.pages === pages) this.#runs.splice(best, 1);
    else {
      run.start += pages;
      run.pages -= pages;
    }
    return start;
  }

  give(start: number, pages: number): void {
    let i = 0;
    while (i < this.#runs.length && (this.#runs[i] as Run).start < start) i++;
    this.#runs.splice(i, 0, { start, pages });
    this.#mergeWithNext(i);
    if (i > 0) this.#mergeWithNext(i - 1);
  }

  /** Pages free at the very end of the address range, if they end at `end`. */
  tail(end: number): number {
    const last = this.#runs.at(-1);
    return last !== undefined && last.start + last.pages === end ? last.pages : 0;
  }

  #mergeWithNext(i: number): void {
    const run = this.#runs[i] as Run;
    const next = this.#runs[i + 1];
    if (next === undefined || run.start + run.pages !== next.start) return;
    run.pages += next.pages;
    this.#runs.splice(i + 1, 1);
  }
}
