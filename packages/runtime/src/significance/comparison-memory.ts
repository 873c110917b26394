import { inject, injectable } from "tsyringe";
import type { StoreLayout } from "../store/layout.js";
import { recall, remember } from "../store/remembered-file.js";
import type { StoreFs } from "../store/store-fs.js";
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
    const value = recall(this.#fs, this.#layout.comparisons(pipeline));
    const known = value?.kdpComparisons === 1 ? (value.comparisons as Readonly<Record<string, Comparison | null>>) : {};
    return new Map(Object.entries(known));
  }

  write(pipeline: string, comparisons: ReadonlyMap<string, Comparison | null>): void {
    const known = { kdpComparisons: 1, comparisons: Object.fromEntries(comparisons) };
    remember(this.#fs, this.#layout.comparisons(pipeline), known);
  }
}
