import type { Cell, Scalar } from "@kdp/dsl";
import type { ManifestMetric, ManifestNode } from "../run/manifest.js";
import { baselineOf } from "../story/baseline.js";
import { type GroupedSeries, groupSeries } from "../story/group-series.js";
import { cellKey, onlyAxes, seedAxes } from "../story/seed-axes.js";
import { metricKey } from "../tables/metric-names.js";
import type { Claim } from "./claims.js";

/** Two evaluations of one seed. */
export interface EvaluationPair {
  readonly taught: ManifestNode;
  readonly plain: ManifestNode;
}

/** Two models under one protocol and one metric: a distilled student and its plain baseline, or two that a gate compares. */
export interface SeriesPair {
  readonly split: string;
  readonly candidates: number | null;
  readonly metric: string;
  readonly cutoff: number | null;
  /** Names of the models. */
  readonly model: string;
  readonly baseline: string;
  /** Axes that are no seeds, of the first. */
  readonly cell: Cell;
  /** One for each seed that both have. */
  readonly evaluations: readonly EvaluationPair[];
  /** Source of the gate that compares them; absent for a student and its plain baseline. */
  readonly gate?: string;
}

type Series = GroupedSeries<ManifestNode>;
interface MeasuredMetric {
  readonly row: ManifestMetric;
  /** Evaluations by the seeds' cell. */
  readonly nodes: Map<string, ManifestNode>;
}
/** By metric, as the language writes it. */
type Measured = Map<string, MeasuredMetric>;

/** What {@link findPairs} reads of a run. */
export interface PairedRun {
  readonly nodes: readonly ManifestNode[];
  readonly axes: Readonly<Record<string, readonly Scalar[]>>;
  readonly metrics: readonly ManifestMetric[];
}

/**
 * The comparisons of a run: every distilled student against the plain student that differs by its teacher alone, and whatever two
 * models a gate compares; on the same held-out events, among the same candidates, by the same metric.
 */
export function findPairs(run: PairedRun, claims: readonly Claim[] = []): readonly SeriesPair[] {
  const protocols = measuredBy(run, groupSeries(run.nodes, run.axes));
  const taught = [...protocols.values()].flatMap((bySeries) =>
    [...bySeries].flatMap(([series, measured]) => {
      const plain = baselineOf(series, [...bySeries.keys()]);
      const reference = plain && bySeries.get(plain);
      if (!reference) return [];
      return [...measured].flatMap(([key, own]) => pairOf(series, own, plain, reference.get(key)));
    }),
  );
  const known = new Set(taught.flatMap((pair) => [namesOf(pair.evaluations), namesOf(pair.evaluations.map(swapped))]));
  const claimed = claims.flatMap((claim) => {
    const found = [...protocols.values()].flatMap((bySeries) => claimedPair(claim, bySeries));
    return found.filter(({ evaluations }) => {
      const names = namesOf(evaluations);
      if (known.has(names)) return false;
      known.add(names);
      return true;
    });
  });
  return [...taught, ...claimed];
}

const namesOf = (pairs: readonly EvaluationPair[]): string =>
  JSON.stringify(pairs.map(({ taught, plain }) => [taught.id, plain.id]));

const swapped = ({ taught, plain }: EvaluationPair): EvaluationPair => ({ taught: plain, plain: taught });

function pairOf(
  model: Series,
  own: MeasuredMetric,
  other: Series,
  reference: MeasuredMetric | undefined,
): SeriesPair[] {
  const evaluations = sameSeeds(own.nodes, reference?.nodes ?? new Map());
  if (evaluations.length === 0) return [];
  const { candidates } = (evaluations[0] as EvaluationPair).taught.params;
  return [
    {
      split: own.row.split,
      candidates: typeof candidates === "number" ? candidates : null,
      metric: own.row.metric,
      cutoff: own.row.cutoff,
      model: model.name,
      baseline: other.name,
      cell: model.cell,
      evaluations,
    },
  ];
}

/** A claim about two models measured under one protocol. A side that ranges over several models says nothing of any of them. */
function claimedPair(claim: Claim, bySeries: ReadonlyMap<Series, Measured>): SeriesPair[] {
  const only = (nodes: readonly string[]): readonly [Series, MeasuredMetric] | null => {
    const found = [...bySeries].flatMap(([series, measured]): (readonly [Series, MeasuredMetric])[] => {
      const own = measured.get(claim.key);
      return own && [...own.nodes.values()].some(({ id }) => nodes.includes(id)) ? [[series, own]] : [];
    });
    return found.length === 1 ? (found[0] ?? null) : null;
  };
  const [better, other] = [only(claim.better), only(claim.other)];
  if (!better || !other || better[0] === other[0]) return [];
  return pairOf(...better, ...other).map((pair) => ({ ...pair, gate: claim.gate }));
}

function measuredBy(
  { nodes, axes, metrics }: PairedRun,
  series: readonly Series[],
): ReadonlyMap<string, Map<Series, Measured>> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const owner = new Map(series.flatMap((entry) => entry.nodes.map((node) => [node.id, entry] as const)));
  const seeds = seedAxes(Object.keys(axes), nodes);
  const protocols = new Map<string, Map<Series, Measured>>();
  for (const row of metrics) {
    const evaluation = byId.get(row.node);
    const model = evaluation?.inputs.find(({ port }) => port === "model")?.node;
    const entry = model === undefined ? undefined : owner.get(model);
    if (!evaluation || !entry || row.group !== "all" || row.epoch !== undefined) continue;
    const protocol = JSON.stringify([row.split, evaluation.params.candidates ?? null]);
    const bySeries = protocols.get(protocol) ?? new Map<Series, Measured>();
    protocols.set(protocol, bySeries);
    const measured: Measured = bySeries.get(entry) ?? new Map();
    bySeries.set(entry, measured);
    const key = metricKey(row);
    const found = measured.get(key) ?? { row, nodes: new Map<string, ManifestNode>() };
    measured.set(key, found);
    found.nodes.set(cellKey(onlyAxes(row.cell, seeds)), evaluation);
  }
  return protocols;
}

/** Seed with seed; a model that no seed reaches stands against every seed. Only evaluations of the same events and candidates. */
function sameSeeds(
  taught: ReadonlyMap<string, ManifestNode>,
  plain: ReadonlyMap<string, ManifestNode>,
): readonly EvaluationPair[] {
  const unseeded = (nodes: ReadonlyMap<string, ManifestNode>) => (nodes.size === 1 ? nodes.get("[]") : undefined);
  const [own, other] = [unseeded(taught), unseeded(plain)];
  const seeds = own ? plain.keys() : taught.keys();
  return [...seeds].flatMap((seed) => {
    const pair = { taught: taught.get(seed) ?? own, plain: plain.get(seed) ?? other };
    if (!pair.taught || !pair.plain || protocolOf(pair.plain) !== protocolOf(pair.taught)) return [];
    return [{ taught: pair.taught, plain: pair.plain }];
  });
}

function protocolOf({ inputs, params }: ManifestNode): string {
  const on = inputs.find(({ port }) => port === "on");
  return JSON.stringify([on?.node, on?.output, params.candidates, params.candidates === null || params.candidate_seed]);
}
