/**
 * Interactions of one role, grouped by user (CSR): the items of user `u` are
 * `items[offsets[u] .. offsets[u + 1])`, ascending and without duplicates.
 */
export interface Interactions {
  readonly users: number;
  readonly items: number;
  /** `[users + 1]` */
  readonly offsets: Int32Array;
  /** `[interactions]` */
  readonly itemIds: Int32Array;
}

/** A table of raw interactions as read from a source, before a split. Columns have equal length. */
export interface InteractionTable {
  readonly users: number;
  readonly items: number;
  /** `[rows]` index into the user vocabulary. */
  readonly user: Int32Array;
  /** `[rows]` index into the item vocabulary. */
  readonly item: Int32Array;
  readonly rating: Float32Array | null;
  /** Seconds since the epoch, or whatever unit the source has. */
  readonly timestamp: BigInt64Array | null;
}
