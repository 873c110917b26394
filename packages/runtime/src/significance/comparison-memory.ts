import { dirname } from "node:path";
import { inject, injectable } from "tsyringe";
import type { StoreLayout } from "../store/layout.js";
import { makeFolder, replaceFile, type StoreFs } from "../store/store-fs.js";
import { TOKENS } from "../tokens.js";
import type { Comparison } from "./compare.js";

/** Comparisons of the last run of a pipeline by key; null for a metric without values of single users. */
export interface ComparisonMemory {
  read(pipeline: string): Map<string, Comparison | null>;
  /** Best effort: what is lost is worked out again. */
  write(pipeline: string, comparisons: ReadonlyMap<string, Comparison | null>): void;
}

@injectable()
export class FileComparisonMemory implements ComparisonMemory {
  readonly #layout: StoreLayout;
  readonly #fs: StoreFs;

  constructor(@inject(TOKENS.layout) layout: StoreLayout, @inject(TOKENS.storeFs) fs: StoreFs) {
    this.#layout = layout;
    this.#fs = fs;
  }

  read(pipeline: string): Map<string, Comparison | null> {
    try {
      const value = JSON.parse(this.#fs.readFileSync(this.#layout.comparisons(pipeline), "utf8"));
      return new Map(value?.kdpComparisons === 1 ? Object.entries(value.comparisons) : []);
    } catch {
      return new Map();
    }
  }

  write(pipeline: string, comparisons: ReadonlyMap<string, Comparison | null>): void {
    const path = this.#layout.comparisons(pipeline);
    try {
      makeFolder(this.#fs, dirname(path));
      const text = JSON.stringify({ kdpComparisons: 1, comparisons: Object.fromEntries(comparisons) });
      replaceFile(this.#fs, path, Buffer.from(text));
    } catch {
      // As the interface says.
    }
  }
}
