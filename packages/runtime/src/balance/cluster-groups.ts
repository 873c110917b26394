import { meanOf } from "../evaluation/mean.js";
import type { MetricRow, PerUserMetrics } from "../tables/metrics.js";

/** Measured users with similar tastes. */
export interface ClusterGroup {
  /** As in the `group` of metric rows: `cluster/3`, or `cluster/rest` for the small ones together. */
  readonly name: string;
  /** Places of the users among those that are measured. */
  readonly rows: readonly number[];
}

export interface ClusterGroups {
  /** Large enough to tell something, by number. */
  readonly clusters: readonly ClusterGroup[];
  /** The users of all clusters that are too small; null when there are none. */
  readonly rest: ClusterGroup | null;
  /** How many clusters the rest is made of. */
  readonly merged: number;
}

/**
 * Groups the measured users by their clusters. Clusters of fewer than `minUsers` are merged: their means are noise.
 * @param users rows of the measured users
 * @param assignment cluster of every user
 */
export function clusterGroups(users: Int32Array, assignment: Int32Array, minUsers: number): ClusterGroups {
  const members = new Map<number, number[]>();
  users.forEach((user, row) => {
    const cluster = assignment[user] as number;
    const rows = members.get(cluster);
    if (rows) rows.push(row);
    else members.set(cluster, [row]);
  });
  const numbered = [...members].sort(([a], [b]) => a - b);
  const small = numbered.filter(([, rows]) => rows.length < minUsers);
  const rest = small.flatMap(([, rows]) => rows).sort((a, b) => a - b);
  return {
    clusters: numbered
      .filter(([, rows]) => rows.length >= minUsers)
      .map(([cluster, rows]) => ({ name: `cluster/${cluster}`, rows })),
    rest: rest.length === 0 ? null : { name: "cluster/rest", rows: rest },
    merged: small.length,
  };
}

/** Means of each metric that is measured user by user over the users of each group; users it leaves out are in no mean. */
export function clusterRows(
  groups: ClusterGroups,
  metrics: readonly { readonly key: string; readonly metric: string; readonly cutoff: number | null }[],
  perUser: PerUserMetrics,
): MetricRow[] {
  return [...groups.clusters, ...(groups.rest ? [groups.rest] : [])].flatMap(({ name, rows }) =>
    metrics.flatMap(({ key, metric, cutoff }): MetricRow[] => {
      const values = perUser.values[key];
      if (!values) return [];
      const value = meanOf(rows.map((row) => values[row] as number));
      return [{ metric, cutoff, group: name, value, epoch: null }];
    }),
  );
}
