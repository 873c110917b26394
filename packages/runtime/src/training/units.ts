import type { BatchKind } from "@kdp/plugin-api";
import type { Positives } from "./negative-sampling.js";

/** What an epoch shuffles: single positives, or whole users or items with all their positives. */
export interface Units {
  readonly count: number;
  /** First member of a unit; `start(count)` is one past the last member. */
  start(unit: number): number;
  /** Index of a member among the positives. */
  positive(member: number): number;
  /** Most positives that `batch` units can hold. */
  largest(batch: number): number;
}

export function unitsOf(positives: Positives, batches: BatchKind, items: number): Units {
  const total = positives.users.length;
  if (batches === "users") return grouped(positives.users, null);
  if (batches === "items") {
    const members = byItem(positives.items, items);
    return grouped(
      members.map((at) => positives.items[at] as number),
      members,
    );
  }
  return {
    count: total,
    start: (unit) => unit,
    positive: (member) => member,
    largest: (batch) => Math.min(batch, total),
  };
}

/** Runs of equal ids. @param members index of each among the positives; null for the identity */
function grouped(ids: Int32Array, members: Int32Array | null): Units {
  const bounds: number[] = [];
  for (let at = 0; at < ids.length; at++) if (at === 0 || ids[at - 1] !== ids[at]) bounds.push(at);
  const count = bounds.length;
  const starts = Int32Array.from([...bounds, ids.length]);
  return {
    count,
    start: (unit) => starts[unit] as number,
    positive: (member) => (members ? (members[member] as number) : member),
    largest(batch) {
      const sizes = Int32Array.from({ length: count }, (_, u) => (starts[u + 1] as number) - (starts[u] as number));
      return sizes
        .sort()
        .subarray(Math.max(0, count - batch))
        .reduce((a, b) => a + b, 0);
    },
  };
}

/** Positions of the positives grouped by item, by counting. */
function byItem(ids: Int32Array, items: number): Int32Array {
  const next = new Int32Array(items + 1);
  for (const item of ids) next[item + 1] = (next[item + 1] as number) + 1;
  for (let item = 0; item < items; item++) next[item + 1] = (next[item + 1] as number) + (next[item] as number);
  const members = new Int32Array(ids.length);
  for (let at = 0; at < ids.length; at++) {
    const item = ids[at] as number;
    const to = next[item] as number;
    members[to] = at;
    next[item] = to + 1;
  }
  return members;
}
