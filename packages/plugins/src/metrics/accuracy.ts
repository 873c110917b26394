import { defineMetric } from "@kdp/plugin-api";
import { gain, hitsWithin, idealGain } from "./ranks.js";

export const hit = defineMetric({
  doc: "Hit ratio: 1 when at least one held-out item ranks within the cut-off, averaged over users.",
  cutoff: true,
  higherIsBetter: true,
  perUser: ({ ranks }, cutoff) => (hitsWithin(ranks, cutoff) > 0 ? 1 : 0),
});

export const recall = defineMetric({
  doc: "Share of a user's held-out items that rank within the cut-off.",
  cutoff: true,
  higherIsBetter: true,
  perUser: ({ ranks, relevant }, cutoff) => hitsWithin(ranks, cutoff) / relevant,
});

export const precision = defineMetric({
  doc: "Held-out items within the cut-off, divided by the cut-off.",
  cutoff: true,
  higherIsBetter: true,
  perUser: ({ ranks }, cutoff) => hitsWithin(ranks, cutoff) / cutoff,
});

export const ndcg = defineMetric({
  doc: "Normalised discounted cumulative gain: sum of 1/log2(1 + rank) over hits, divided by that of the best possible list.",
  cutoff: true,
  higherIsBetter: true,
  perUser: ({ ranks, relevant }, cutoff) => {
    let sum = 0;
    for (let j = 0; j < hitsWithin(ranks, cutoff); j++) sum += gain(ranks[j] as number);
    return sum / idealGain(Math.min(cutoff, relevant));
  },
});

export const mrr = defineMetric({
  doc: "Reciprocal rank of the best-ranked held-out item, 0 beyond the cut-off.",
  cutoff: true,
  higherIsBetter: true,
  perUser: ({ ranks }, cutoff) => (hitsWithin(ranks, cutoff) > 0 ? 1 / (ranks[0] as number) : 0),
});

export const map = defineMetric({
  doc: "Mean average precision: precision at each hit, summed and divided by min(cut-off, held-out items).",
  cutoff: true,
  higherIsBetter: true,
  perUser: ({ ranks, relevant }, cutoff) => {
    let sum = 0;
    // Held-out items that tie share a rank; the j-th of them stands at position j at the earliest.
    for (let j = 1; j <= hitsWithin(ranks, cutoff); j++) sum += j / Math.max(j, ranks[j - 1] as number);
    return sum / Math.min(cutoff, relevant);
  },
});
