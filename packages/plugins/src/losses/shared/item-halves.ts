import type { Batch } from "@kdp/plugin-api";
import { type LatentSide, withTeacherRow } from "./latent-sides.js";

/** The entities of one side in a step, in the order in which a loss handles them. */
export interface StepEntities {
  /** Distinct ids: the rows that a loss asks for. */
  readonly distinct: Int32Array;
  /** Place in {@link distinct} of each row that counts; an item that is both positive and negative has two. */
  readonly places: Int32Array;
  /** Factor of each row in the loss. */
  readonly factor: number;
}

/**
 * Users count once; distinct positives and distinct negatives each count half (DE-RRD's code:
 * L(users) + ½ (L(positives) + L(negatives))), so that an item in both counts fully.
 */
export function stepEntities(side: LatentSide, batch: Batch): StepEntities {
  if (side.side === "user") {
    const distinct = withTeacherRow(side, batch.uniqueUsers);
    return { distinct, places: counting(distinct.length), factor: 1 };
  }
  const distinct = withTeacherRow(side, batch.uniqueItems);
  const positives = withTeacherRow(side, batch.uniquePositives);
  const negatives = withTeacherRow(side, batch.uniqueNegatives);
  const places = new Int32Array(positives.length + negatives.length);
  placesIn(distinct, positives, places);
  placesIn(distinct, negatives, places.subarray(positives.length));
  return { distinct, places, factor: 0.5 };
}

/** 0, 1, 2 … */
function counting(n: number): Int32Array {
  const places = new Int32Array(n);
  for (let i = 0; i < n; i++) places[i] = i;
  return places;
}

/** Both ascending, `part` within `whole`. */
function placesIn(whole: Int32Array, part: Int32Array, out: Int32Array): void {
  let at = 0;
  part.forEach((id, i) => {
    while (whole[at] !== id) at++;
    out[i] = at;
  });
}
