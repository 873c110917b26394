import { defineMetric, type RankingTable } from "@kdp/plugin-api";

/** In how many lists each item stands. */
function exposure(lists: RankingTable, items: number): Float64Array {
  const counts = new Float64Array(items);
  for (const item of lists.ids) if (item >= 0) counts[item] = (counts[item] as number) + 1;
  return counts;
}

export const coverage = defineMetric({
  doc: "Share of the catalogue that stands in at least one user's list.",
  cutoff: true,
  higherIsBetter: true,
  overall: (lists, _, { items }) => exposure(lists, items).reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0) / items,
});

export const gini = defineMetric({
  doc:
    "Gini index of how often items are shown, over the whole catalogue: 0 when all are shown equally often, towards 1 when " +
    "few items fill all lists.",
  cutoff: true,
  higherIsBetter: false,
  overall: (lists, _, { items }) => {
    const counts = exposure(lists, items).sort();
    let total = 0;
    let weighted = 0;
    counts.forEach((count, i) => {
      total += count;
      weighted += (2 * (i + 1) - items - 1) * count;
    });
    return total === 0 ? 0 : weighted / (items * total);
  },
});
