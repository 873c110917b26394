import type { CatalogueFacts, Interactions } from "@kdp/plugin-api";

/** Popularity of the items in training, and which of them are the head. */
export function catalogueFacts(train: Interactions): CatalogueFacts {
  const popularity = new Int32Array(train.items);
  for (const item of train.itemIds) popularity[item] = (popularity[item] as number) + 1;
  return { users: train.users, items: train.items, popularity, head: headOf(popularity, train.itemIds.length) };
}

/**
 * Greedy cut in two groups of about equal sums (UnKD): items by popularity, ties by smaller id, as long as the head's sum
 * stays within half of all interactions. The first item is always of the head, though it may have more than half alone.
 */
function headOf(popularity: Int32Array, total: number): Uint8Array {
  const order = Int32Array.from({ length: popularity.length }, (_, item) => item);
  order.sort((a, b) => (popularity[b] as number) - (popularity[a] as number) || a - b);
  const head = new Uint8Array(popularity.length);
  let sum = 0;
  for (const [place, item] of order.entries()) {
    sum += popularity[item] as number;
    if (place > 0 && sum > total / 2) break;
    head[item] = 1;
  }
  return head;
}
