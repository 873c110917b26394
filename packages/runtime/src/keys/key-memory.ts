import { inject, injectable } from "tsyringe";
import type { StoreLayout } from "../store/layout.js";
import { recall, remember } from "../store/remembered-file.js";
import type { StoreFs } from "../store/store-fs.js";
import { TOKENS } from "../tokens.js";
import type { RememberedNode } from "./explain-miss.js";

/** What is kept of the last run of a pipeline: why a node misses now, how long it may take, what `gc` should keep. */
export interface Memory {
  readonly nodes: Readonly<
    Record<string, RememberedNode & { readonly seconds: number | null; readonly peakBytes?: number | null }>
  >;
  /** Keys of the exports. */
  readonly exports: readonly string[];
}

export interface KeyMemory {
  read(pipeline: string): Memory;
  /** Best effort: a lost memory costs explanations, no results. */
  write(pipeline: string, memory: Memory): void;
}

/** Empty when there is none, or one of another version. */
export function recallMemory(fs: StoreFs, path: string): Memory {
  const value = recall(fs, path);
  const none: Memory = { nodes: {}, exports: [] };
  return value?.kdpMemory === 1 ? { ...none, ...value } : none;
}

@injectable()
export class FileKeyMemory implements KeyMemory {
  readonly #layout: StoreLayout;
  readonly #fs: StoreFs;

  constructor(@inject(TOKENS.layout) layout: StoreLayout, @inject(TOKENS.storeFs) fs: StoreFs) {
    this.#layout = layout;
    this.#fs = fs;
  }

  read(pipeline: string): Memory {
    return recallMemory(this.#fs, this.#layout.memory(pipeline));
  }

  write(pipeline: string, memory: Memory): void {
    remember(this.#fs, this.#layout.memory(pipeline), { kdpMemory: 1, ...memory });
  }
}
