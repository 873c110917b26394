import type { Interactions, RandomStream } from "@kdp/plugin-api";

/**
 * Positions in `train.itemIds` of the positives that have a negative: users who interacted with every item have none, and
 * are left out of pairwise and pointwise training.
 */
export interface Positives {
  /** User of each position. */
  readonly users: Int32Array;
  /** Item of each position. */
  readonly items: Int32Array;
  /** Users left out because no item is left to draw. */
  readonly saturatedUsers: number;
}

/** Interactions as aligned pairs, users ascending. */
export function positivesOf(train: Interactions): Positives {
  const isSaturated = (user: number): boolean => {
    const positives = (train.offsets[user + 1] as number) - (train.offsets[user] as number);
    return positives > 0 && positives >= train.items;
  };
  let saturatedUsers = 0;
  for (let user = 0; user < train.users; user++) if (isSaturated(user)) saturatedUsers++;
  const users = new Int32Array(train.itemIds.length);
  // Nobody is left out of almost every data set: then these are the interactions as they stand.
  const items = saturatedUsers === 0 ? train.itemIds : new Int32Array(train.itemIds.length);
  let n = 0;
  for (let user = 0; user < train.users; user++) {
    if (isSaturated(user)) continue;
    const from = train.offsets[user] as number;
    const to = train.offsets[user + 1] as number;
    users.fill(user, n, n + to - from);
    if (saturatedUsers > 0) items.set(train.itemIds.subarray(from, to), n);
    n += to - from;
  }
  return { users: users.subarray(0, n), items: items.subarray(0, n), saturatedUsers };
}

/**
 * Negative sampling of the papers: for each positive `count` uniform draws over all items, redrawn only
 * when the item is a train item of the user; held-out items can be drawn.
 * @param out `[positives, count]`
 */
export function sampleNegatives(
  positives: Positives,
  items: number,
  count: number,
  stream: RandomStream,
  out: Int32Array,
): void {
  const { users } = positives;
  // Stamped with user + 1 for the items of the user at hand: positives come grouped by user.
  const stamp = new Int32Array(items);
  for (let from = 0; from < users.length; ) {
    const user = users[from] as number;
    let to = from;
    for (; to < users.length && users[to] === user; to++) stamp[positives.items[to] as number] = user + 1;
    for (let at = from * count; at < to * count; at++) {
      let item = stream.below(items);
      while (stamp[item] === user + 1) item = stream.below(items);
      out[at] = item;
    }
    from = to;
  }
}
