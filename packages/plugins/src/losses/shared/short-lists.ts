import type { ListTable } from "./list-table.js";

/**
 * KDP7204: how many lists of an epoch are shorter than they were to be. To be told once a training.
 * @param what the entities and what they lack: `users have fewer than 40 ranked items`
 */
export function noteShortLists({ rows, k, ordered }: ListTable, what: string, note: (text: string) => void): void {
  const short = ordered.reduce((n, length) => n + (length < k ? 1 : 0), 0);
  if (short > 0) note(`KDP7204: ${short} of ${rows} ${what}`);
}
