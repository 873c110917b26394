import { de } from "./de.js";
import { hint } from "./hint.js";
import { rrd } from "./rrd.js";

export const losses = { hint, de, rrd };

/** Friendly names. `listwise` follows the authors' later advice: the teacher's very first items, without sampling. */
export const lossAliases = {
  listwise: { stage: "rrd", preset: { sampling: "none" } },
} as const;
