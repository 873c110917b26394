import { defineEnsemble, oneOf, type RankingTable, type TeacherView } from "@kdp/plugin-api";
import { eachListed, rankByPoints } from "./points.js";
import { depth, rankingOf, top } from "./shared-params.js";

/** Users whose candidates are scored at a time. */
const BLOCK_USERS = 256;

type Normalise = "zscore" | "minmax" | "none";

/**
 * Mean of the members' scores. Candidates of a user are the items that any member lists; the scores of a member are brought
 * to one scale over the user's candidates first, as those of different families are not comparable.
 */
export const meanScore = defineEnsemble({
  cacheVersion: 1,
  doc:
    "Mean of the members' scores over the items that any of them lists, each member's scores brought to one scale per user " +
    "(zero mean and unit deviation, or 0 to 1), since families score on scales of their own.",
  needs: ["ranking", "scores"],
  views: ["ranking", "scores"],
  rankTop: "depth",
  params: {
    top,
    depth: depth(200),
    normalise: oneOf(["zscore", "minmax", "none"], {
      default: "zscore",
      doc: "Scale of each member's scores over a user's candidates; `none` takes them as they are.",
    }),
  },
  combine({ params, users, items, members }) {
    const rankings = members.map(rankingOf);
    const scored = scoredInBlocks(members, rankings, users);
    return rankByPoints(users, items, params.top, (user, points) => {
      const { candidates, scores } = scored(user);
      for (const own of scores) {
        const scale = scaleOf(own, params.normalise);
        candidates.forEach((item, c) => {
          points.add(item, scale(own[c] as number) / members.length);
        });
      }
    });
  },
});

interface Scored {
  readonly candidates: Int32Array;
  /** `[members][candidates]` */
  readonly scores: readonly Float32Array[];
}

/** Candidates and scores of users asked for in ascending order, computed a block ahead. */
function scoredInBlocks(members: readonly TeacherView[], rankings: readonly RankingTable[], users: number) {
  let block: readonly Scored[] = [];
  let first = 0;
  return (user: number): Scored => {
    if (user >= first + block.length) {
      first = user;
      block = scoreBlock(members, rankings, user, Math.min(users, user + BLOCK_USERS));
    }
    return block[user - first] as Scored;
  };
}

function scoreBlock(
  members: readonly TeacherView[],
  rankings: readonly RankingTable[],
  from: number,
  to: number,
): Scored[] {
  const candidates = Array.from({ length: to - from }, (_, r) => listedBy(rankings, from + r));
  const k = Math.max(1, ...candidates.map((own) => own.length));
  const ids = Int32Array.from(candidates, (_, r) => from + r);
  const others = new Int32Array(candidates.length * k).fill(-1);
  candidates.forEach((own, r) => {
    others.set(own, r * k);
  });
  const tables = members.map((member) => {
    if (!member.scores) throw new Error(`${member.name} came without scores`);
    const out = new Float32Array(others.length);
    member.scores({ side: "user", ids, others, rows: ids.length, k }, out);
    return out;
  });
  return candidates.map((own, r) => ({
    candidates: own,
    scores: tables.map((table) => table.subarray(r * k, r * k + own.length)),
  }));
}

/** The items that any of the lists of a user holds, ascending. */
function listedBy(rankings: readonly RankingTable[], user: number): Int32Array {
  const items = new Set<number>();
  for (const ranking of rankings) eachListed(ranking, user, (item) => items.add(item));
  return Int32Array.from(items).sort();
}

/**
 * An item that a member has no score for (-Infinity: a file that does not list it) counts as the lowest that it has. A member
 * whose candidates all score alike, or that has a score for none of them, says nothing: 0 for each.
 */
function scaleOf(given: Float32Array, normalise: Normalise): (score: number) => number {
  const low = given.reduce((least, score) => (score === -Infinity ? least : Math.min(least, score)), Infinity);
  if (low === Infinity) return () => 0;
  const scores = given.map((score) => Math.max(score, low));
  if (normalise === "none") return (score) => Math.max(score, low);
  let [high, sum, squares] = [-Infinity, 0, 0];
  for (const score of scores) {
    high = Math.max(high, score);
    sum += score;
  }
  const mean = sum / scores.length;
  for (const score of scores) squares += (score - mean) ** 2;
  const [shift, width] = normalise === "minmax" ? [low, high - low] : [mean, Math.sqrt(squares / scores.length)];
  return high > low ? (score) => (Math.max(score, low) - shift) / width : () => 0;
}
