import { bprmf } from "./bprmf.js";
import { cml } from "./cml.js";
import { itemKnn } from "./item-knn.js";
import { lightgcn } from "./lightgcn.js";
import { mlp } from "./mlp.js";
import { neumf } from "./neumf.js";
import { popularity } from "./popularity.js";

/** Models by the name that a pipeline calls them by. */
export const models = { bprmf, cml, item_knn: itemKnn, lightgcn, mlp, neumf, popularity };
