import { type CatalogueFacts, defineMetric, type UserRanks } from "@kdp/plugin-api";
import { ndcg } from "./accuracy.js";

/** Mean NDCG of some users. */
function meanNdcg(users: readonly UserRanks[], cutoff: number, catalogue: CatalogueFacts): number {
  let sum = 0;
  for (const user of users) sum += ndcg.perUser?.(user, cutoff, catalogue) ?? Number.NaN;
  return sum / users.length;
}

export const clusterStd = defineMetric({
  doc:
    "Spread of NDCG over clusters of users with similar tastes (`evaluate(clusters: teacher)`): the standard deviation (n - 1) of the " +
    "clusters' means. Balanced distillation serves small niches like large ones.",
  cutoff: true,
  higherIsBetter: false,
  perCluster: (clusters, cutoff, catalogue) => {
    const means = clusters.map((users) => meanNdcg(users, cutoff, catalogue));
    if (means.length < 2) return Number.NaN;
    const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
    const squares = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return Math.sqrt(squares / (means.length - 1));
  },
});
