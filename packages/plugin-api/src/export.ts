import type { ExportFacts } from "./manifest.js";
import type { FittedTables } from "./model.js";
import type { Side } from "./views.js";

export interface ExportContext {
  readonly model: {
    readonly stage: string;
    readonly params: Readonly<Record<string, unknown>>;
    /** Tables that score: user and item factors `[n, cols]` for dot-product models, else the model's own tables. */
    readonly tables: FittedTables;
    readonly scorer: "dot" | "block";
  };
  /** Source ids by row. */
  readonly vocabulary: Readonly<Record<Side, readonly string[]>>;
  /** Writes one file of the export; `bytes` may be a string for text. */
  write(name: string, bytes: Uint8Array | string): Promise<void>;
}

export interface ExportDefinition extends Omit<ExportFacts, "kind" | "params"> {
  write(context: ExportContext): Promise<void>;
}
