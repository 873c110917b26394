import { hit, map, mrr, ndcg, precision, recall } from "./accuracy.js";
import { clusterStd } from "./cluster-spread.js";
import { coverage, gini } from "./exposure.js";
import { headRecall, tailRecall } from "./popularity-groups.js";

/** Metrics of the standard library, by the name they have in a pipeline. */
export const metrics = {
  hit,
  recall,
  precision,
  ndcg,
  mrr,
  map,
  coverage,
  gini,
  head_recall: headRecall,
  tail_recall: tailRecall,
  cluster_std: clusterStd,
};
