import { bprmf } from "./bprmf.js";
import { cdae } from "./cdae.js";
import { cml } from "./cml.js";
import { itemAe } from "./item-ae.js";
import { itemKnn } from "./item-knn.js";
import { lightgcn } from "./lightgcn.js";
import { mlp } from "./mlp.js";
import { multiVae } from "./multi-vae.js";
import { neumf } from "./neumf.js";
import { popularity } from "./popularity.js";

/** Models by the name that a pipeline calls them by. */
export const models = {
  bprmf,
  cdae,
  cml,
  item_ae: itemAe,
  item_knn: itemKnn,
  lightgcn,
  mlp,
  multi_vae: multiVae,
  neumf,
  popularity,
};
