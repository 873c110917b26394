import type { RankingTable } from "@kdp/plugin-api";

/**
 * Importance of what a teacher's snapshots list (HetComp, WWW 2023, eq. 8, after ConCF, WWW 2022): e^(-rank / λ) for a rank
 * from 0, plus, with consistency, e^(-s / λ′), s the standard deviation of the item's rank over the snapshots, where an item
 * that a snapshot does not list ranks right behind its list.
 * @returns aligned with each snapshot's `ids`; 0 past the end of a list and beyond `depth`
 */
export function snapshotImportance(
  trajectory: readonly RankingTable[],
  options: {
    readonly items: number;
    readonly depth: number;
    readonly rankScale: number;
    readonly spreadScale: number;
    readonly consistency: boolean;
  },
): readonly Float32Array[] {
  const { items, depth, rankScale, spreadScale, consistency } = options;
  const users = trajectory[0]?.rows ?? 0;
  const count = trajectory.length;
  const longest = trajectory.reduce((max, { k }) => Math.max(max, Math.min(k, depth)), 0);
  const out = trajectory.map(({ ids }) => new Float32Array(ids.length));
  /** Where an item's ranks of the present user stand in `ranks`, when its stamp is the user's. */
  const place = new Int32Array(items);
  const stamp = new Int32Array(items).fill(-1);
  const ranks = new Float64Array(count * longest * count);

  const eachListed = (user: number, visit: (item: number, rank: number, snapshot: number, at: number) => void) =>
    trajectory.forEach(({ ids, k }, snapshot) => {
      for (let rank = 0; rank < Math.min(k, depth); rank++) {
        const item = ids[user * k + rank]!;
        if (item < 0) return;
        visit(item, rank, snapshot, user * k + rank);
      }
    });

  for (let user = 0; user < users; user++) {
    if (consistency) {
      let next = 0;
      eachListed(user, (item, rank, snapshot) => {
        if (stamp[item] !== user) {
          stamp[item] = user;
          place[item] = next;
          for (let s = 0; s < count; s++) ranks[next++] = Math.min(trajectory[s]!.k, depth);
        }
        ranks[place[item]! + snapshot] = rank;
      });
    }
    eachListed(user, (item, rank, snapshot, at) => {
      const agreed = consistency ? Math.exp(-deviation(ranks, place[item]!, count) / spreadScale) : 0;
      out[snapshot]![at] = Math.exp(-rank / rankScale) + agreed;
    });
  }
  return out;
}

/** Standard deviation of the population `x[from .. from + n)`. */
function deviation(x: Float64Array, from: number, n: number): number {
  let mean = 0;
  for (let i = from; i < from + n; i++) mean += x[i]! / n;
  let square = 0;
  for (let i = from; i < from + n; i++) square += (x[i]! - mean) ** 2 / n;
  return Math.sqrt(square);
}
