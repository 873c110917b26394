import type { Batch, Kernels, ScoreList, Side, TrainableModel } from "@kdp/plugin-api";
import { IdSet } from "./id-set.js";
import type { TouchedRows } from "./optimiser.js";

/** A model that remembers which entities' gradients were touched, for optimisers that update those rows only. */
export interface TrackedModel {
  readonly model: TrainableModel;
  /** Ends a step: what was touched since the last call, the batch's own entities included; null means every row. */
  take(batch: Batch): TouchedRows | null;
}

export function trackTouched(
  kernels: Kernels,
  model: TrainableModel,
  universe: { readonly users: number; readonly items: number },
): TrackedModel {
  const sets = { user: new IdSet(universe.users), item: new IdSet(universe.items) };
  const buffers = { user: kernels.i32(universe.users), item: kernels.i32(universe.items) };
  let all = false;

  const drain = (side: Side): Int32Array => buffers[side].subarray(0, sets[side].drain(buffers[side]));

  const tracked: TrainableModel = {
    ...(model.beginStep ? { beginStep: (batch) => model.beginStep?.(batch) } : {}),
    ...(model.endStep ? { endStep: () => model.endStep?.() } : {}),
    ...(model.spreads ? { spreads: true } : {}),
    width: model.width,
    baseLoss: (batch, weight) => model.baseLoss(batch, weight),
    rows: (side, ids, n, out) => model.rows(side, ids, n, out),
    addRowGrads(side, ids, n, grads) {
      sets[side].addAll(ids.subarray(0, n));
      model.addRowGrads(side, ids, n, grads);
    },
    scores: (list, out) => model.scores(list, out),
    addScoreGrads(list: ScoreList, grads) {
      sets[list.side].addAll(list.ids.subarray(0, list.rows));
      sets[list.side === "user" ? "item" : "user"].addAll(list.others.subarray(0, list.rows * list.k));
      model.addScoreGrads(list, grads);
    },
    scorer: () => model.scorer(),
    ...(model.dot
      ? {
          dot: () => {
            // Whoever holds the accumulators may write to any row.
            all = true;
            return (model.dot as NonNullable<typeof model.dot>)();
          },
        }
      : {}),
  };

  return {
    model: tracked,
    take(batch) {
      sets.user.addAll(batch.users);
      sets.item.addAll(batch.positives);
      sets.item.addAll(batch.negatives);
      const touched = { user: drain("user"), item: drain("item") };
      const everything = all || model.spreads === true;
      all = false;
      return everything ? null : touched;
    },
  };
}
