import type { RankingTable, Scorer } from "@kdp/plugin-api";
import type { ListScores } from "./score-lists.js";

/**
 * A scorer that ranks as a teacher's lists do: listed items by their place, all others below them and tied with each other.
 * @param items size of the catalogue
 */
export function listScorer(ranking: RankingTable, items: number): Scorer {
  const { k, ids } = ranking;
  return {
    kind: "block",
    scoreUsers(users, n, out) {
      out.fill(0, 0, n * items);
      for (let r = 0; r < n; r++) {
        const from = (users[r] as number) * k;
        for (let place = 0; place < k; place++) {
          const item = ids[from + place] as number;
          if (item >= 0) out[r * items + item] = k - place;
        }
      }
    },
  };
}

/**
 * The scores that came with the lists (places counted from the end where there are none). A pair that is not listed has none:
 * -Infinity. Any number would be taught as what the teacher thinks of it.
 */
export function listedScores(ranking: RankingTable): ListScores {
  const { k, ids, scores } = ranking;
  const known: (Map<number, number> | undefined)[] = [];
  const ofUser = (user: number): Map<number, number> => {
    let own = known[user];
    if (!own) {
      own = new Map();
      for (let place = 0; place < k; place++) {
        const item = ids[user * k + place] as number;
        if (item >= 0) own.set(item, scores ? (scores[user * k + place] as number) : k - place);
      }
      known[user] = own;
    }
    return own;
  };
  return (list, out) => {
    for (let row = 0; row < list.rows; row++) {
      for (let c = row * list.k; c < (row + 1) * list.k; c++) {
        const [own, other] = [list.ids[row] as number, list.others[c] as number];
        const [user, item] = list.side === "user" ? [own, other] : [other, own];
        const listed = user < 0 || item < 0 ? undefined : ofUser(user).get(item);
        out[c] = listed ?? Number.NEGATIVE_INFINITY;
      }
    }
  };
}

/**
 * The `k` best users of each item among those who list it: by score where there are scores, else by the item's place in their
 * list; ties by smaller user id.
 */
export function invertRanking(ranking: RankingTable, items: number, k: number): RankingTable {
  const { rows, ids } = ranking;
  const scoreAt = (at: number) => (ranking.scores ? (ranking.scores[at] as number) : ranking.k - (at % ranking.k));
  const places: number[][] = Array.from({ length: items }, () => []);
  for (let at = 0; at < rows * ranking.k; at++) if ((ids[at] as number) >= 0) places[ids[at] as number]?.push(at);
  const out = new Int32Array(items * k).fill(-1);
  const scores = new Float32Array(items * k).fill(Number.NEGATIVE_INFINITY);
  places.forEach((own, item) => {
    own.sort((a, b) => scoreAt(b) - scoreAt(a) || a - b);
    own.slice(0, k).forEach((at, place) => {
      out[item * k + place] = Math.floor(at / ranking.k);
      scores[item * k + place] = scoreAt(at);
    });
  });
  return { rows: items, k, ids: out, scores };
}
