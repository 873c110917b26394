import { dirname } from "node:path";
import { inject, injectable } from "tsyringe";
import type { StoreLayout } from "../store/layout.js";
import { makeFolder, replaceFile, type StoreFs } from "../store/store-fs.js";
import { TOKENS } from "../tokens.js";
import type { RememberedNode } from "./explain-miss.js";

/** What is kept of the last run of a pipeline: why a node misses now, how long it may take, what `gc` should keep. */
export interface Memory {
  readonly nodes: Readonly<
    Record<string, RememberedNode & { readonly seconds: number | null; readonly peakBytes?: number | null }>
  >;
  /** Keys of the exports. */
  readonly exports?: readonly string[];
}

export interface KeyMemory {
  read(pipeline: string): Memory;
  /** Best effort: a lost memory costs explanations, no results. */
  write(pipeline: string, memory: Memory): void;
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
    try {
      const value = JSON.parse(this.#fs.readFileSync(this.#layout.memory(pipeline), "utf8"));
      return value?.kdpMemory === 1 ? { nodes: value.nodes } : { nodes: {} };
    } catch {
      return { nodes: {} };
    }
  }

  write(pipeline: string, memory: Memory): void {
    const path = this.#layout.memory(pipeline);
    try {
      makeFolder(this.#fs, dirname(path));
      replaceFile(this.#fs, path, Buffer.from(JSON.stringify({ kdpMemory: 1, ...memory })));
    } catch {
      // As the interface says.
    }
  }
}
