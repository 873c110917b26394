import { newIdSink } from "./build-dataset.js";
import type { ColumnChoices } from "./columns.js";
import { filterInteractions } from "./filter-interactions.js";
import type { Detected } from "./interaction-source.js";
import { readInteractionFile } from "./read-interactions.js";

/** What a file of interactions holds, for whoever writes a pipeline for it. */
export interface SourceInspection {
  /** The arguments of `dataset(...)` that read it as it was read. */
  readonly detected: Detected;
  readonly format: "delimited" | "parquet" | "arrow";
  readonly users: number;
  readonly items: number;
  /** Distinct pairs of user and item. */
  readonly interactions: number;
  readonly duplicates: number;
  /** Interactions of each user, ascending: what a threshold would keep. */
  readonly userCounts: Int32Array;
  readonly rating: { readonly min: number; readonly max: number } | null;
  readonly notes: readonly string[];
}

/**
 * Reads a source whole and counts.
 * @param given what the user says about it; the rest is detected
 * @throws RuntimeFault KDP7001–KDP7012
 */
export async function inspectSource(
  path: string,
  given: {
    readonly columns?: Partial<ColumnChoices>;
    readonly header?: boolean | null;
    readonly delimiter?: string | null;
  } = {},
): Promise<SourceInspection> {
  const ids = newIdSink();
  const read = await readInteractionFile(path, ids, {
    columns: { user: null, item: null, rating: null, timestamp: null, ...given.columns },
    header: given.header ?? null,
    delimiter: given.delimiter ?? null,
  });
  const columns = read.rows.columns();
  const table = { users: ids.users.size, items: ids.items.size, ...columns };
  const none = { minRating: null, minInteractions: null, minItemInteractions: null, core: null };
  const { rows, duplicates } = filterInteractions(table, none);
  const counts = new Int32Array(table.users);
  for (const row of rows) {
    const user = table.user[row] as number;
    counts[user] = (counts[user] as number) + 1;
  }
  return {
    detected: read.detected,
    format: read.format,
    users: table.users,
    items: table.items,
    interactions: rows.length,
    duplicates,
    userCounts: counts.sort(),
    rating: table.rating && rangeOf(table.rating),
    notes: read.notes,
  };
}

function rangeOf(values: Float32Array): { min: number; max: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { min, max };
}
