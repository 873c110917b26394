import type { Batch, Side, StepRequest } from "@kdp/plugin-api";
import { IdSet } from "../../training/id-set.js";
import type { Touched } from "./resident-optimiser.js";

/** Which rows the gradients of a step may reach, for optimisers that update those only. What it returns holds until the next step. */
export function touchedBy(universe: { readonly users: number; readonly items: number }) {
  const sets = { user: new IdSet(universe.users), item: new IdSet(universe.items) };
  const rows = { user: new Int32Array(universe.users), item: new Int32Array(universe.items) };
  const drain = (side: Side): Int32Array => rows[side].subarray(0, sets[side].drain(rows[side]));
  return (batch: Batch, requests: readonly StepRequest[]): Touched => {
    // Scores of every item reach every item.
    if (requests.some(({ allScores }) => allScores)) return null;
    sets.user.addAll(batch.users.subarray(0, batch.size));
    sets.item.addAll(batch.positives.subarray(0, batch.size));
    sets.item.addAll(batch.negatives.subarray(0, batch.size));
    for (const request of requests) {
      if (request.rows?.user) sets.user.addAll(request.rows.user);
      if (request.rows?.item) sets.item.addAll(request.rows.item);
      for (const { side, ids, others, rows: n, k } of Object.values(request.scores ?? {})) {
        sets[side].addAll(ids.subarray(0, n));
        sets[side === "user" ? "item" : "user"].addAll(others.subarray(0, n * k));
      }
    }
    return { user: drain("user"), item: drain("item") };
  };
}
