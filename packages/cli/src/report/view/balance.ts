import type { Cell } from "@kdp/dsl";
import type { ManifestMetric, RunManifest } from "@kdp/runtime";
import { baselineOf, cellKey, onlyAxes, seedAxes } from "@kdp/runtime/story";
import { groupBy } from "./group-by.js";
import { candidatesText, isCluster, measuredModel, metricKey, pairedDifferences } from "./scores.js";
import type { Series } from "./series.js";
import { type Summary, summarise } from "./statistics.js";

/** Users with similar tastes. */
export interface TasteCluster {
  /** As in the manifest: `cluster/3`; `cluster/rest` for the small ones together. */
  readonly group: string;
  /** Measured users. */
  readonly users: number;
}

export interface ClusterGains {
  readonly series: Series;
  readonly baseline: Series;
  /** By cluster, as in {@link GainMap.clusters}: mean over seeds of the difference to the plain student; null where unknown. */
  readonly gains: readonly (number | null)[];
  /** Over the clusters that are large enough, each counting once. */
  readonly summary: Summary | null;
}

/** What distillation gives to each cluster of users, under one protocol and one metric. */
export interface GainMap {
  /** Tells maps of one split apart: by their place. */
  readonly id: string;
  readonly split: string;
  /** Whom each held-out item was ranked among. */
  readonly candidates: string;
  readonly metric: string;
  /** Largest first; the small ones together come last. */
  readonly clusters: readonly TasteCluster[];
  readonly rows: readonly ClusterGains[];
}

/** A map for every protocol under which clusters were measured, by the metric that the report is about. */
export function gainMaps(manifest: RunManifest, series: readonly Series[], chief: string | null): readonly GainMap[] {
  const rows = manifest.metrics.filter((row) => isCluster(row.group) && row.epoch === undefined);
  const nodes = new Map(manifest.nodes.map((node) => [node.id, node]));
  const protocols = groupBy(rows, (row) => {
    const evaluation = nodes.get(row.node);
    // Cells of a matrix may have clusters of their own under one name.
    const clusters = nodes.get(evaluation?.inputs.find(({ port }) => port === "clusters")?.node ?? "")?.name ?? null;
    return JSON.stringify([row.split, candidatesText(evaluation?.params.candidates), clusters]);
  });
  return [...protocols].flatMap(([protocol, here], at) => {
    const [split, candidates]: [string, string] = JSON.parse(protocol);
    const keys = new Set(here.map(metricKey));
    const metric = chief !== null && keys.has(chief) ? chief : ([...keys][0] ?? "");
    const measured = here.filter((row) => metricKey(row) === metric);
    const clusters = clustersOf(manifest, measured);
    const gains = gainsOf(levelsOf(manifest, series, measured), clusters);
    return gains.length === 0 ? [] : [{ id: `gains-${at}`, split, candidates, metric, clusters, rows: gains }];
  });
}

/** Values of a model by cluster, then by seed. */
type Levels = Map<string, Map<string, number>>;

function gainsOf(levels: ReadonlyMap<Series, Levels>, clusters: readonly TasteCluster[]): readonly ClusterGains[] {
  const measured = [...levels.keys()];
  return measured.flatMap((series) => {
    const baseline = baselineOf(series, measured);
    if (!baseline) return [];
    const gains = clusters.map(({ group }) => gainIn(group, levels.get(series), levels.get(baseline)));
    const counted = gains.filter((gain, i) => gain !== null && clusters[i]?.group !== REST) as number[];
    return [{ series, baseline, gains, summary: summarise(counted) }];
  });
}

export const REST = "cluster/rest";

/** False where all clusters are small, and so are together. */
export const hasClusters = ({ clusters }: GainMap): boolean => clusters.some(({ group }) => group !== REST);

function levelsOf(
  manifest: RunManifest,
  series: readonly Series[],
  rows: readonly ManifestMetric[],
): ReadonlyMap<Series, Levels> {
  const nodes = new Map(manifest.nodes.map((node) => [node.id, node]));
  const owner = new Map(series.flatMap((entry) => entry.nodes.map((node) => [node.id, entry] as const)));
  const seeds = seedAxes(Object.keys(manifest.axes), manifest.nodes);
  const seedOf = (cell: Cell): string => cellKey(onlyAxes(cell, seeds));
  const levels = new Map<Series, Levels>();
  for (const row of rows) {
    const entry = owner.get(measuredModel(nodes.get(row.node)) ?? "");
    if (!entry) continue;
    const own: Levels = levels.get(entry) ?? new Map();
    levels.set(entry, own);
    const bySeed = own.get(row.group) ?? new Map<string, number>();
    own.set(row.group, bySeed);
    bySeed.set(seedOf(row.cell), row.value);
  }
  return levels;
}

function gainIn(group: string, taught: Levels | undefined, plain: Levels | undefined): number | null {
  const [own, other] = [taught?.get(group), plain?.get(group)];
  const gain = own && other ? summarise(pairedDifferences(own, other)) : null;
  return gain && Number.isFinite(gain.mean) ? gain.mean : null;
}

/** Clusters with their users, as the evaluations tell them. */
function clustersOf(manifest: RunManifest, rows: readonly ManifestMetric[]): readonly TasteCluster[] {
  const measuring = new Set(rows.map((row) => row.node));
  const users = new Map<string, number>();
  for (const { id, facts } of manifest.nodes) {
    const told = measuring.has(id) ? facts.cluster_users : null;
    if (typeof told !== "object" || told === null || Array.isArray(told)) continue;
    for (const [group, count] of Object.entries(told)) {
      if (typeof count === "number" && !users.has(group)) users.set(group, count);
    }
  }
  return [...users]
    .map(([group, count]) => ({ group, users: count }))
    .sort((a, b) => Number(a.group === REST) - Number(b.group === REST) || b.users - a.users);
}
