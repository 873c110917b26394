import type { Batch, Side, StepRequest } from "@kdp/plugin-api";
import { IdSet } from "../../training/id-set.js";
import type { Touched } from "./resident-optimiser.js";

/** Which rows the gradients of a step may reach, for optimisers that update those only. */
export function touchedBy(universe: { readonly users: number; readonly items: number }) {
  const sets = { user: new IdSet(universe.users), item: new IdSet(universe.items) };
  const drain = (side: Side, size: number): Int32Array => {
    const out = new Int32Array(size);
    return out.subarray(0, sets[side].drain(out));
  };
  return (batch: Batch, requests: readonly StepRequest[]): Touched => {
    // Scores of every item reach every item.
    if (requests.some(({ allScores }) => allScores)) return null;
    sets.user.addAll(batch.users.subarray(0, batch.size));
    sets.item.addAll(batch.positives.subarray(0, batch.size));
    sets.item.addAll(batch.negatives.subarray(0, batch.size));
    for (const { rows, scores } of requests) {
      if (rows?.user) sets.user.addAll(rows.user);
      if (rows?.item) sets.item.addAll(rows.item);
      for (const { side, ids, others, rows: n, k } of Object.values(scores ?? {})) {
        sets[side].addAll(ids.subarray(0, n));
        // -1 is padding.
        sets[side === "user" ? "item" : "user"].addAll(others.subarray(0, n * k).filter((id) => id >= 0));
      }
    }
    return { user: drain("user", universe.users), item: drain("item", universe.items) };
  };
}
