import type { Interactions, Kernels, Scorer } from "@kdp/plugin-api";

/** Held-out items of the users that have any, in kernel memory. */
export interface Targets {
  /** `[users]` */
  readonly userIds: Int32Array;
  /** `[users + 1]` */
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

export function targetsOf(kernels: Kernels, events: Interactions): Targets {
  const withItems = Int32Array.from({ length: events.users }, (_, user) => user).filter(
    (user) => (events.offsets[user + 1] as number) > (events.offsets[user] as number),
  );
  const offsets = kernels.i32(withItems.length + 1);
  withItems.forEach((user, row) => {
    offsets[row + 1] =
      (offsets[row] as number) + (events.offsets[user + 1] as number) - (events.offsets[user] as number);
  });
  // Users without items take no room, so that the items of the others are already in this order.
  return { userIds: kernels.i32From(withItems), offsets, items: kernels.i32From(events.itemIds) };
}

/**
 * How many candidates score above each target and equal to it, indexed like {@link Targets.items}.
 * The rank of a target is 1 + above + ties / 2.
 */
export type RankCounter = (scorer: Scorer) => RankCounts | Promise<RankCounts>;

export interface RankCounts {
  readonly above: Int32Array;
  readonly ties: Int32Array;
}
