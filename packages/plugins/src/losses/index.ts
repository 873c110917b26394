import { bd } from "./bd/bd.js";
import { cd } from "./cd.js";
import { dcd } from "./dcd.js";
import { de } from "./de.js";
import { ftd } from "./ftd.js";
import { hetcomp } from "./hetcomp/hetcomp.js";
import { hint } from "./hint.js";
import { htd } from "./htd.js";
import { irRrd } from "./ir-rrd.js";
import { phr } from "./phr.js";
import { rd } from "./rd.js";
import { rrd } from "./rrd.js";
import { unkd } from "./unkd.js";

export const losses = { hint, de, phr, ftd, htd, rrd, ir_rrd: irRrd, rd, cd, dcd, bd, unkd, hetcomp };

/** Friendly names. `listwise` follows the authors' later advice: the teacher's very first items, without sampling. */
export const lossAliases = {
  listwise: { stage: "rrd", preset: { sampling: "none" } },
  relational: { stage: "htd", preset: {} },
} as const;
