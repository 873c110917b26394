import type { RankingTable } from "@kdp/plugin-api";

/** Adds up points of the items of one user and picks the best; made once and used for every user in turn. */
export class Points {
  readonly #points: Float64Array;
  readonly #seen: Uint8Array;
  #listed: number[] = [];

  constructor(items: number) {
    this.#points = new Float64Array(items);
    this.#seen = new Uint8Array(items);
  }

  add(item: number, points: number): void {
    if (this.#seen[item] === 0) {
      this.#seen[item] = 1;
      this.#listed.push(item);
    }
    this.#points[item] = (this.#points[item] as number) + points;
  }

  /** Writes the `k` items with the most points, ties by smaller id, and starts anew. */
  take(k: number, ids: Int32Array, scores: Float32Array): void {
    const points = this.#points;
    this.#listed.sort((a, b) => (points[b] as number) - (points[a] as number) || a - b);
    this.#listed.slice(0, k).forEach((item, place) => {
      ids[place] = item;
      scores[place] = points[item] as number;
    });
    for (const item of this.#listed) {
      points[item] = 0;
      this.#seen[item] = 0;
    }
    this.#listed = [];
  }
}

/**
 * A crowd's ranking: for each user `vote` gives points to items, the `top` items with the most make the list.
 * @returns `[users, top]` with the points as scores
 */
export function rankByPoints(
  users: number,
  items: number,
  top: number,
  vote: (user: number, points: Points) => void,
): RankingTable {
  const k = Math.min(top, items);
  const ids = new Int32Array(users * k).fill(-1);
  const scores = new Float32Array(users * k).fill(Number.NEGATIVE_INFINITY);
  const points = new Points(items);
  for (let user = 0; user < users; user++) {
    vote(user, points);
    points.take(k, ids.subarray(user * k, (user + 1) * k), scores.subarray(user * k, (user + 1) * k));
  }
  return { rows: users, k, ids, scores };
}

/** Calls `visit` with each item of a user's list and its place, from 0. */
export function eachListed(ranking: RankingTable, user: number, visit: (item: number, place: number) => void): void {
  const from = user * ranking.k;
  for (let place = 0; place < ranking.k; place++) {
    const item = ranking.ids[from + place] as number;
    if (item < 0) return;
    visit(item, place);
  }
}
