import { type CatalogueFacts, defineMetric, type UserRanks } from "@kdp/plugin-api";

/** Recall of the held-out items of one group; NaN for users who have none. */
function groupRecall({ ranks, items }: UserRanks, cutoff: number, { head }: CatalogueFacts, group: 0 | 1): number {
  let relevant = 0;
  let hits = 0;
  items.forEach((item, j) => {
    if (head[item] !== group) return;
    relevant++;
    if ((ranks[j] as number) <= cutoff) hits++;
  });
  return relevant === 0 ? Number.NaN : hits / relevant;
}

export const headRecall = defineMetric({
  doc:
    "Recall of the popular held-out items: those of the head, the most popular items that together have half of the " +
    "training interactions (UnKD's cut in two groups). Users without such items are left out.",
  cutoff: true,
  higherIsBetter: true,
  perUser: (user, cutoff, catalogue) => groupRecall(user, cutoff, catalogue, 1),
});

export const tailRecall = defineMetric({
  doc: "Recall of the unpopular held-out items: those outside the head. Users without such items are left out.",
  cutoff: true,
  higherIsBetter: true,
  perUser: (user, cutoff, catalogue) => groupRecall(user, cutoff, catalogue, 0),
});
