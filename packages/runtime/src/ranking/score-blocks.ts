/** Bytes of scores that are held at a time: enough users that a GPU is busy, and two blocks fit any. */
const BLOCK_BYTES = 2 ** 26;
/** A block has fewer items rather than fewer users than this: each user is a workgroup. */
const MIN_USERS = 64;

/** Some of the rows of a table: `[from, to)`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Blocks {
  readonly users: readonly Range[];
  readonly items: readonly Range[];
}

/**
 * Divides users and items into blocks.
 * @param largest bytes of the largest tensor that the device takes
 * @param blockBytes bytes of a block's scores
 */
export function scoreBlocks(
  users: number,
  items: number,
  cols: number,
  largest: number,
  blockBytes: number = BLOCK_BYTES,
): Blocks {
  const scores = Math.floor(Math.min(blockBytes, largest) / 4);
  const width = Math.max(
    1,
    Math.min(items, Math.floor(largest / (4 * cols)), Math.floor(scores / Math.min(users, MIN_USERS))),
  );
  const height = Math.max(1, Math.floor(scores / Math.max(width, cols)));
  return { users: ranges(users, height), items: ranges(items, width) };
}

/** Ranges of about equal length. */
function ranges(n: number, longest: number): Range[] {
  const count = Math.ceil(n / longest);
  return Array.from({ length: count }, (_, i) => ({
    from: Math.floor((n * i) / count),
    to: Math.floor((n * (i + 1)) / count),
  }));
}
