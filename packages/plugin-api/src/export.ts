import type { Interactions } from "./interactions.js";
import type { ExportFacts } from "./manifest.js";
import type { FittedTables } from "./model.js";
import type { Side } from "./views.js";

/** A column of an exported table: texts, whole numbers, or rows of a matrix. All columns of a table are equally long. */
export type ExportColumn = readonly string[] | Int32Array | FittedTables[string];

export interface ExportContext {
  readonly model: {
    readonly stage: string;
    readonly params: Readonly<Record<string, unknown>>;
    /** Tables that score: `user` and `item` factors `[n, cols]` for dot-product models, else the model's own tables. */
    readonly tables: FittedTables;
    readonly scorer: "dot" | "block";
  };
  /** Source ids by row. */
  readonly vocabulary: Readonly<Record<Side, readonly string[]>>;
  /** What the model was trained on: a service leaves these items out. */
  readonly train: Interactions;
  /** Bytes of an Arrow IPC file; a matrix becomes a column of fixed-size lists of float32. */
  arrow(columns: Readonly<Record<string, ExportColumn>>, metadata?: Readonly<Record<string, string>>): Uint8Array;
  /** Bytes of a Parquet file; a matrix becomes a column of lists of float32. */
  parquet(
    columns: Readonly<Record<string, ExportColumn>>,
    metadata?: Readonly<Record<string, string>>,
  ): Promise<Uint8Array>;
  /** Writes one file of the export; `bytes` may be a string for text. */
  write(name: string, bytes: Uint8Array | string): Promise<void>;
}

export interface ExportDefinition extends Omit<ExportFacts, "kind" | "params"> {
  write(context: ExportContext): Promise<void>;
}
