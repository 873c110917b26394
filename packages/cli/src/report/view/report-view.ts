import type { RunManifest } from "@kdp/runtime";
import { type GainMap, gainMaps } from "./balance.js";
import { type Cost, costOf } from "./facts.js";
import { chiefMetric, type ScoreTable, scoreTables } from "./scores.js";
import { type Series, seriesOf } from "./series.js";
import { type SnapshotProtocol, snapshotProtocols } from "./snapshots.js";
import { type Verdict, verdictOf } from "./verdict.js";

/** Everything the report and the summary on the screen say, worked out once from the manifest. */
export interface ReportView {
  readonly manifest: RunManifest;
  readonly series: readonly Series[];
  readonly tables: readonly ScoreTable[];
  /** The table that the headline speaks of, and its metric; null when nothing was evaluated. */
  readonly chief: { readonly table: ScoreTable; readonly metric: string } | null;
  readonly verdict: Verdict;
  /** What distillation gives to clusters of users; empty without `evaluate(clusters: …)`. */
  readonly gainMaps: readonly GainMap[];
  /** What snapshots were worth; empty without `evaluate(snapshots: true)`. */
  readonly snapshots: readonly SnapshotProtocol[];
  readonly costs: ReadonlyMap<Series, Cost>;
}

export function reportView(manifest: RunManifest): ReportView {
  const series = seriesOf(manifest);
  const tables = scoreTables(manifest, series);
  const table = tables.find((candidate) => candidate.rows.some((row) => row.deltas.size > 0)) ?? tables[0];
  const metric = table ? chiefMetric(manifest, table) : null;
  return {
    manifest,
    series,
    tables,
    chief: table && metric ? { table, metric } : null,
    verdict: verdictOf(manifest, tables),
    gainMaps: gainMaps(manifest, series, metric),
    snapshots: snapshotProtocols(manifest, series),
    costs: new Map(series.map((entry) => [entry, costOf(entry, manifest)])),
  };
}
