import type { Cell, Scalar } from "@kdp/dsl";
import type { ManifestMetric, ManifestNode } from "../run/manifest.js";
import { baselineOf } from "../story/baseline.js";
import { type GroupedSeries, groupSeries } from "../story/group-series.js";
import { cellKey, onlyAxes, seedAxes } from "../story/seed-axes.js";

/** Two evaluations of one seed. */
export interface EvaluationPair {
  readonly taught: ManifestNode;
  readonly plain: ManifestNode;
}

/** A distilled student and its plain baseline under one protocol and one metric. */
export interface SeriesPair {
  readonly split: string;
  readonly candidates: number | null;
  readonly metric: string;
  readonly cutoff: number | null;
  /** Names of the models. */
  readonly model: string;
  readonly baseline: string;
  /** Axes that are no seeds, of the distilled student. */
  readonly cell: Cell;
  /** One for each seed that both have. */
  readonly evaluations: readonly EvaluationPair[];
}

type Series = GroupedSeries<ManifestNode>;
/** By metric, then by the seeds' cell. */
type Measured = Map<string, { readonly row: ManifestMetric; readonly nodes: Map<string, ManifestNode> }>;

/**
 * The comparisons of a run: every distilled student against the plain student that differs by its teacher alone, on the same
 * held-out events, among the same candidates, by the same metric.
 */
export function findPairs(run: {
  readonly nodes: readonly ManifestNode[];
  readonly axes: Readonly<Record<string, readonly Scalar[]>>;
  readonly metrics: readonly ManifestMetric[];
}): readonly SeriesPair[] {
  const series = groupSeries(run.nodes, run.axes);
  const protocols = measuredBy(run, series);
  return [...protocols.values()].flatMap((bySeries) =>
    [...bySeries].flatMap(([taught, measured]) => {
      const plain = baselineOf(taught, [...bySeries.keys()]);
      const reference = plain && bySeries.get(plain);
      if (!reference) return [];
      return [...measured].flatMap(([metric, own]) => {
        const evaluations = sameSeeds(own.nodes, reference.get(metric)?.nodes ?? new Map());
        if (evaluations.length === 0) return [];
        const { split, cutoff } = own.row;
        const { candidates } = (evaluations[0] as EvaluationPair).taught.params;
        return {
          split,
          candidates: typeof candidates === "number" ? candidates : null,
          metric: own.row.metric,
          cutoff,
          model: taught.name,
          baseline: plain.name,
          cell: taught.cell,
          evaluations,
        };
      });
    }),
  );
}

function measuredBy(
  { nodes, axes, metrics }: Parameters<typeof findPairs>[0],
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
    const key = JSON.stringify([row.metric, row.cutoff]);
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
  const alone = plain.size === 1 ? plain.get("[]") : undefined;
  return [...taught].flatMap(([seed, evaluation]) => {
    const other = plain.get(seed) ?? alone;
    return other && protocolOf(other) === protocolOf(evaluation) ? [{ taught: evaluation, plain: other }] : [];
  });
}

function protocolOf({ inputs, params }: ManifestNode): string {
  const on = inputs.find(({ port }) => port === "on");
  return JSON.stringify([on?.node, on?.output, params.candidates, params.candidates === null || params.candidate_seed]);
}
