import { bool, defineEnsemble, float, type RankingTable } from "@kdp/plugin-api";
import { eachListed, rankByPoints } from "./points.js";
import { depth, rankingOf, top } from "./shared-params.js";

/**
 * Rank importance with consistency (ConCF, WWW 2022; eq. 8 of HetComp, WWW 2023): an item at rank r (from 0) of a member gets
 * exp(-r / λ), plus exp(-s / λ′) where s is the standard deviation of its ranks over the member's snapshots.
 * An item that a snapshot does not list ranks there right behind the list.
 */
export const importance = defineEnsemble({
  doc:
    "Importance by rank and consistency (ConCF, HetComp): each member gives an item exp(-rank/λ), and exp(-spread/λ′) for a " +
    "rank that its snapshots agree on; the points add up. Members without snapshots give the first part only.",
  needs: ["ranking"],
  views: ["ranking"],
  rankTop: "depth",
  params: {
    top,
    depth: depth(100),
    rank_scale: float({
      default: 10,
      min: 0,
      exclusiveMin: true,
      doc: "λ: how fast importance falls with rank.",
      source: "ConCF",
    }),
    spread_scale: float({
      default: 100,
      min: 0,
      exclusiveMin: true,
      doc: "λ′: how fast importance falls with the spread of ranks.",
      source: "ConCF (released code)",
    }),
    consistency: bool({
      default: true,
      doc: "Add the part for ranks that the snapshots agree on.",
      source: "HetComp, eq. 8, after ConCF",
    }),
  },
  combine({ params, users, items, members }) {
    const voters = members.map((member) => ({
      ranking: rankingOf(member),
      spread: params.consistency && member.trajectory ? rankSpread(member.trajectory, items) : null,
    }));
    return rankByPoints(users, items, params.top, (user, points) => {
      for (const { ranking, spread } of voters) {
        const spreadOf = spread?.(user);
        eachListed(ranking, user, (item, rank) => {
          const agreed = spreadOf ? Math.exp(-spreadOf(item) / params.spread_scale) : 0;
          points.add(item, Math.exp(-rank / params.rank_scale) + agreed);
        });
      }
    });
  },
});

/** Standard deviation (of the population) of an item's ranks over the snapshots, user by user. */
function rankSpread(trajectory: readonly RankingTable[], items: number): (user: number) => (item: number) => number {
  const ranks = trajectory.map(({ k }) => new Float64Array(items).fill(k));
  return (user) => {
    trajectory.forEach((ranking, s) => {
      const own = ranks[s] as Float64Array;
      own.fill(ranking.k);
      eachListed(ranking, user, (item, rank) => {
        own[item] = rank;
      });
    });
    return (item) => {
      const mean = ranks.reduce((sum, own) => sum + (own[item] as number), 0) / ranks.length;
      const squares = ranks.reduce((sum, own) => sum + ((own[item] as number) - mean) ** 2, 0);
      return Math.sqrt(squares / ranks.length);
    };
  };
}
