import type { Interactions } from "@kdp/plugin-api";
import { byItem } from "./by-item.js";
import type { LatentSide } from "./latent-sides.js";

/**
 * Enriched teacher representations (PHR, as restated in HyperKDMA, eq. 9–10): v_e = ½ ( t_e + mean of t over the entities that
 * e has interacted with in train ). An entity without such neighbours keeps v_e = t_e.
 * @param sides users and items, in this order, with teacher rows of one width
 * @returns `[users, dT]`, `[items, dT]`
 */
export function enrich(
  [user, item]: readonly [LatentSide, LatentSide],
  train: Interactions,
): readonly [Float32Array, Float32Array] {
  const itemsOf = { offsets: train.offsets, ids: train.itemIds };
  return [mixed(user, item, itemsOf), mixed(item, user, byItem(train))];
}

function mixed(
  own: LatentSide,
  other: LatentSide,
  neighbours: { readonly offsets: Int32Array; readonly ids: Int32Array },
): Float32Array {
  const { teacher: cols } = own;
  const out = own.table.slice();
  const mean = new Float64Array(cols);
  for (let e = 0; e < own.known.length; e++) {
    mean.fill(0);
    let count = 0;
    for (let at = neighbours.offsets[e]!; at < neighbours.offsets[e + 1]!; at++) {
      const id = neighbours.ids[at]!;
      if (other.known[id] !== 1) continue;
      count++;
      for (let c = 0; c < cols; c++) mean[c] = mean[c]! + other.table[id * cols + c]!;
    }
    if (count === 0) continue;
    for (let c = 0; c < cols; c++) out[e * cols + c] = 0.5 * (out[e * cols + c]! + mean[c]! / count);
  }
  return out;
}
