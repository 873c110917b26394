import { defineEnsemble } from "@kdp/plugin-api";
import { eachListed, rankByPoints } from "./points.js";
import { depth, rankingOf, top } from "./shared-params.js";

/** Borda count: an item at place r of a list of depth D gets D - r + 1 points from each member. */
export const borda = defineEnsemble({
  doc:
    "Borda count: each member gives depth, depth - 1, …, 1 points to the items of its list, the rest none. Only the order " +
    "counts, so members of any family may vote.",
  needs: ["ranking"],
  views: ["ranking"],
  rankTop: "depth",
  params: { top, depth: depth(500) },
  combine({ params, users, items, members }) {
    const rankings = members.map(rankingOf);
    return rankByPoints(users, items, params.top, (user, points) => {
      for (const ranking of rankings) {
        eachListed(ranking, user, (item, place) => points.add(item, params.depth - place));
      }
    });
  },
});
