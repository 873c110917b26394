import { defineEnsemble, float } from "@kdp/plugin-api";
import { eachListed, rankByPoints } from "./points.js";
import { depth, rankingOf, top } from "./shared-params.js";

/** Reciprocal rank fusion (Cormack, Clarke, Büttcher, SIGIR 2009): score(i) = Σ over members of 1 / (k + rank(i)). */
export const rrf = defineEnsemble({
  doc: "Reciprocal rank fusion (Cormack et al., SIGIR 2009): sum over members of 1 / (k + rank). Tops weigh more than in borda.",
  needs: ["ranking"],
  views: ["ranking"],
  rankTop: "depth",
  params: {
    top,
    depth: depth(500),
    k: float({
      default: 60,
      min: 0,
      doc: "Larger values flatten the weight of the first places.",
      source: "Cormack et al.",
    }),
  },
  combine({ params, users, items, members }) {
    const rankings = members.map(rankingOf);
    return rankByPoints(users, items, params.top, (user, points) => {
      for (const ranking of rankings) {
        eachListed(ranking, user, (item, place) => points.add(item, 1 / (params.k + place + 1)));
      }
    });
  },
});
