import type { ManifestMetric, ManifestNode, RunManifest } from "@kdp/runtime";
import { groupBy } from "./group-by.js";
import { candidatesText, measuredModel, metricKey } from "./scores.js";
import type { Series } from "./series.js";
import { type Summary, summarise } from "./statistics.js";

/** One model's snapshots under one metric. */
export interface SnapshotCurve {
  readonly series: Series;
  /** Value by epoch, earliest first, of every seed. */
  readonly seeds: readonly { readonly node: string; readonly values: ReadonlyMap<number, number> }[];
  /**
   * Over the seeds, earliest epoch first. Null where `early_stop` left them snapshots of different epochs: it would be of other
   * seeds at every epoch.
   */
  readonly mean: readonly { readonly epoch: number; readonly summary: Summary }[] | null;
}

export interface SnapshotMetric {
  readonly metric: string;
  readonly curves: readonly SnapshotCurve[];
}

/** What `evaluate(snapshots: true)` measured under one protocol. */
export interface SnapshotProtocol {
  readonly split: string;
  /** Whom each held-out item was ranked among. */
  readonly candidates: string;
  readonly metrics: readonly SnapshotMetric[];
  /** False where a last snapshot, measured by the list that was kept of it, has another value than its model. */
  readonly exact: boolean;
}

/** Rounding apart: means are summed up in another order. */
const SAME = 1e-6;

/** One per split and candidate policy, in the order of the manifest; empty when no snapshot was measured. */
export function snapshotProtocols(manifest: RunManifest, series: readonly Series[]): readonly SnapshotProtocol[] {
  const nodes = new Map(manifest.nodes.map((node) => [node.id, node]));
  const measured = manifest.metrics.filter(
    ({ epoch, group, value }) => epoch !== undefined && group === "all" && Number.isFinite(value),
  );
  const protocols = groupBy(measured, ({ node, split }) =>
    JSON.stringify([split, candidatesText(nodes.get(node)?.params.candidates)]),
  );
  return [...protocols].flatMap(([protocol, rows]) => {
    const [split, candidates]: [string, string] = JSON.parse(protocol);
    const metrics = [...groupBy(rows, metricKey)]
      .map(([metric, own]) => ({ metric, curves: curvesOf(series, nodes, own) }))
      .filter(({ curves }) => curves.length > 0);
    return metrics.length === 0 ? [] : [{ split, candidates, metrics, exact: endAtModels(rows, manifest.metrics) }];
  });
}

function curvesOf(
  series: readonly Series[],
  nodes: ReadonlyMap<string, ManifestNode>,
  rows: readonly ManifestMetric[],
): readonly SnapshotCurve[] {
  const byModel = new Map<string, Map<number, number>>();
  for (const { node, epoch, value } of rows) {
    const model = measuredModel(nodes.get(node));
    if (model === undefined || epoch === undefined) continue;
    const own = byModel.get(model) ?? new Map<number, number>();
    byModel.set(model, own.set(epoch, value));
  }
  return series.flatMap((entry) => {
    const seeds = entry.nodes.flatMap(({ id }) => {
      const values = byModel.get(id);
      return values ? [{ node: id, values: new Map([...values].sort(([a], [b]) => a - b)) }] : [];
    });
    return seeds.length === 0 ? [] : [{ series: entry, seeds, mean: meanOf(seeds) }];
  });
}

function meanOf(seeds: SnapshotCurve["seeds"]): SnapshotCurve["mean"] {
  const epochs = [...new Set(seeds.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
  const points = epochs.flatMap((epoch) => {
    const summary = summarise(seeds.flatMap(({ values }) => values.get(epoch) ?? []));
    return summary?.n === seeds.length ? [{ epoch, summary }] : [];
  });
  return points.length === epochs.length ? points : null;
}

/** Whether every last snapshot has the value of its model, as it should unless its list is too short to tell. */
function endAtModels(rows: readonly ManifestMetric[], all: readonly ManifestMetric[]): boolean {
  const idOf = (row: ManifestMetric): string => JSON.stringify([row.node, metricKey(row)]);
  const whole = new Map(
    all.filter(({ epoch, group }) => epoch === undefined && group === "all").map((row) => [idOf(row), row.value]),
  );
  return [...groupBy(rows, idOf)].every(([id, own]) => {
    const last = own.reduce((a, b) => ((b.epoch ?? 0) > (a.epoch ?? 0) ? b : a));
    const value = whole.get(id);
    return value === undefined || !(Math.abs(last.value - value) > SAME);
  });
}
