import type { Interactions } from "@kdp/plugin-api";

/** Interactions grouped by item: the users of item `i` are `ids[offsets[i] .. offsets[i + 1])`, ascending. */
export function byItem({ users, items, offsets, itemIds }: Interactions): {
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
} {
  const starts = new Int32Array(items + 1);
  for (const item of itemIds) starts[item + 1] = starts[item + 1]! + 1;
  for (let i = 0; i < items; i++) starts[i + 1] = starts[i + 1]! + starts[i]!;
  const ids = new Int32Array(itemIds.length);
  const next = starts.slice(0, items);
  for (let u = 0; u < users; u++) {
    for (let at = offsets[u]!; at < offsets[u + 1]!; at++) {
      const item = itemIds[at]!;
      ids[next[item]!] = u;
      next[item] = next[item]! + 1;
    }
  }
  return { offsets: starts, ids };
}
