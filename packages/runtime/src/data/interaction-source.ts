import type { ByteVocabulary } from "./byte-vocabulary.js";
import type { ColumnChoices } from "./columns.js";
import type { RowBuffer } from "./row-buffer.js";

/** How to read a source of interactions (`dataset(...)`, `given_split(...)`). */
export interface ReadOptions {
  readonly columns: ColumnChoices;
  readonly header: boolean | null;
  readonly delimiter: string | null;
}

/** Where ids go; shared by the files of a ready-made split, so that one id has one row. */
export interface IdSink {
  readonly users: ByteVocabulary;
  readonly items: ByteVocabulary;
}

/** How the source was read, as the arguments of `dataset(...)` that say the same. */
export interface Detected {
  readonly columns: ColumnChoices;
  /** Null for formats that have no such thing. */
  readonly header: boolean | null;
  readonly delimiter: string | null;
}

export interface ReadRows {
  readonly rows: RowBuffer;
  /** What was detected, for the report. */
  readonly notes: readonly string[];
  readonly format: "delimited" | "parquet" | "arrow";
  readonly detected: Detected;
}
