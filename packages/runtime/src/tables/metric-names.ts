export const METRICS_TABLE = "metrics";
export const PER_USER_TABLE = "per-user";

/** `ndcg@10`; the bare name where there is no cut-off. */
export const metricKey = (row: { readonly metric: string; readonly cutoff: number | null }): string =>
  row.cutoff === null ? row.metric : `${row.metric}@${row.cutoff}`;
