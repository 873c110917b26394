import type { ManifestMetric, ManifestNode, ManifestSignificance, RunManifest } from "@kdp/runtime";
import { baselineOf, cellKey, onlyAxes, seedAxes } from "@kdp/runtime/story";
import type { Series } from "./series.js";
import { type Difference, differenceOf, type Summary, summarise } from "./statistics.js";

export interface ScoreCell {
  /** By seed cell, so that two rows can be compared seed by seed. */
  readonly values: ReadonlyMap<string, number>;
  readonly summary: Summary;
}

export interface ScoreRow {
  readonly series: Series;
  readonly cells: ReadonlyMap<string, ScoreCell>;
  /** Against the plain student, by metric: differences within the same seed, when there is such a student. */
  readonly deltas: ReadonlyMap<string, Summary>;
  /** Against the plain student, by metric: tests of the differences user by user. */
  readonly tests: ReadonlyMap<string, ManifestSignificance>;
  readonly baseline: Series | null;
}

/** The results under one protocol: numbers in different tables must not be compared. */
export interface ScoreTable {
  readonly split: string;
  /** `all items`, or `499 sampled candidates`. */
  readonly candidates: string;
  /** `all`, or a group of users or items. */
  readonly group: string;
  /** Users in the mean, and those left out for want of held-out items; null where the evaluations differ or do not say. */
  readonly users: { readonly counted: number; readonly leftOut: number } | null;
  /** `ndcg@10` and so on, in the order of the evaluation. */
  readonly metrics: readonly string[];
  /** Those of which less is better. */
  readonly lowerIsBetter: ReadonlySet<string>;
  readonly rows: readonly ScoreRow[];
  /** Tests of what gates compare, beside a student and its plain one. */
  readonly claims: readonly ManifestSignificance[];
}

/** Key of a metric as the language writes it. */
export const metricKey = (row: Pick<ManifestMetric, "metric" | "cutoff">): string =>
  row.cutoff === null ? row.metric : `${row.metric}@${row.cutoff}`;

/** One table per split, candidate policy and group, in the order of the manifest. Clusters of users have a picture instead. */
export function scoreTables(manifest: RunManifest, series: readonly Series[]): readonly ScoreTable[] {
  const nodes = new Map(manifest.nodes.map((node) => [node.id, node]));
  const owner = new Map(series.flatMap((entry) => entry.nodes.map((node) => [node.id, entry] as const)));
  const repeats = seedAxes(Object.keys(manifest.axes), manifest.nodes);
  const drafts = new Map<string, Draft>();
  for (const row of manifest.metrics) {
    const evaluation = nodes.get(row.node);
    const entry = owner.get(measuredModel(evaluation) ?? "");
    if (!evaluation || !entry || row.epoch !== undefined || isCluster(row.group)) continue;
    const candidates = candidatesText(evaluation.params.candidates);
    const id = JSON.stringify([row.split, candidates, row.group]);
    const draft = drafts.get(id) ?? {
      split: row.split,
      candidates,
      group: row.group,
      values: new Map(),
      evaluations: new Set(),
    };
    drafts.set(id, draft);
    draft.evaluations.add(evaluation);
    const byMetric = draft.values.get(entry) ?? new Map<string, Map<string, number>>();
    draft.values.set(entry, byMetric);
    const byCell = byMetric.get(metricKey(row)) ?? new Map<string, number>();
    byMetric.set(metricKey(row), byCell);
    // A metric without a value (the spread over clusters where all are too small) has its column and no cell.
    if (Number.isFinite(row.value)) byCell.set(cellKey(onlyAxes(row.cell, repeats)), row.value);
  }
  return [...drafts.values()].map((draft) => finish(draft, series, manifest.significance));
}

/** The node that an evaluation measures. */
export const measuredModel = (evaluation: ManifestNode | undefined): string | undefined =>
  evaluation?.inputs.find(({ port }) => port === "model")?.node;

/** Whether a group of metric rows is one of `evaluate(clusters: …)`. */
export const isCluster = (group: string): boolean => group.startsWith("cluster/");

interface Draft {
  readonly split: string;
  readonly candidates: string;
  readonly group: string;
  readonly values: Map<Series, Map<string, Map<string, number>>>;
  readonly evaluations: Set<ManifestNode>;
}

function finish(draft: Draft, series: readonly Series[], significance: readonly ManifestSignificance[]): ScoreTable {
  const metrics = [...new Set([...draft.values.values()].flatMap((byMetric) => [...byMetric.keys()]))];
  const cells = new Map<Series, ReadonlyMap<string, ScoreCell>>();
  for (const entry of series) {
    const byMetric = draft.values.get(entry);
    if (!byMetric) continue;
    const row = new Map<string, ScoreCell>();
    for (const [metric, values] of byMetric) {
      const summary = summarise([...values.values()]);
      if (summary) row.set(metric, { values, summary });
    }
    cells.set(entry, row);
  }
  const rows = [...cells].map(([entry, row]): ScoreRow => {
    const baseline = baselineOf(entry, [...cells.keys()]);
    const reference = baseline && cells.get(baseline);
    const deltas = new Map<string, Summary>();
    for (const [metric, cell] of reference ? row : []) {
      const other = reference?.get(metric);
      const summary = other && summarise(pairedDifferences(cell.values, other.values));
      if (summary) deltas.set(metric, summary);
    }
    const tests = new Map(
      significance.filter((test) => isOf(test, entry, draft)).map((test) => [metricKey(test), test]),
    );
    return { series: entry, cells: row, deltas, tests, baseline };
  });
  const claims = significance.filter((test) => test.gate !== undefined && isUnder(test, draft));
  const { split, candidates, group } = draft;
  const evaluations = [...draft.evaluations];
  const lowerIsBetter = new Set(evaluations.flatMap(({ facts }) => [facts.lower_is_better ?? []].flat().map(String)));
  return { split, candidates, group, users: usersOf(evaluations), metrics, lowerIsBetter, rows, claims };
}

function usersOf(evaluations: readonly ManifestNode[]): ScoreTable["users"] {
  const told = evaluations.map(({ facts }) => [facts.users, facts.users_without_items] as const);
  const [first] = told;
  if (!first || typeof first[0] !== "number" || typeof first[1] !== "number") return null;
  const same = told.every(([counted, leftOut]) => counted === first[0] && leftOut === first[1]);
  return same ? { counted: first[0], leftOut: first[1] } : null;
}

/** A value or a difference of values with the sign that makes more of it better. */
export const goodness = (
  value: number,
  metric: string,
  { lowerIsBetter }: Pick<ScoreTable, "lowerIsBetter">,
): number => (lowerIsBetter.has(metric) ? -value : value);

/** What a student's difference to the plain one amounts to under a metric. */
export function outcomeOf(row: ScoreRow, metric: string, table: Pick<ScoreTable, "lowerIsBetter">): Difference | null {
  const delta = row.deltas.get(metric);
  return delta ? differenceOf({ ...delta, mean: goodness(delta.mean, metric, table) }) : null;
}

/** Same seed against same seed: both students start from the same weights, so the pairing removes that noise. */
export function pairedDifferences(
  values: ReadonlyMap<string, number>,
  reference: ReadonlyMap<string, number>,
): readonly number[] {
  // A reference that no seed reaches stands against every seed.
  const single = reference.size === 1 ? reference.get("[]") : undefined;
  return [...values].flatMap(([cell, value]) => {
    const other = reference.get(cell) ?? single;
    return other === undefined ? [] : [value - other];
  });
}

export const candidatesText = (candidates: unknown): string =>
  typeof candidates === "number" ? `${candidates} sampled candidates` : "all items";

const isUnder = (test: ManifestSignificance, { split, candidates, group }: Draft): boolean =>
  group === "all" && test.split === split && candidatesText(test.candidates) === candidates;

const isOf = (test: ManifestSignificance, series: Series, draft: Draft): boolean =>
  test.gate === undefined &&
  isUnder(test, draft) &&
  test.model === series.name &&
  cellKey(test.cell) === cellKey(series.cell);

/** The metric the pipeline cares most about: the first that a gate names, else the first of the table. */
export function chiefMetric(manifest: RunManifest, table: ScoreTable): string | null {
  for (const gate of manifest.gates) {
    const named = gate.text.match(/[a-z_]\w*@\d+/gi)?.find((key) => table.metrics.includes(key));
    if (named) return named;
  }
  return table.metrics[0] ?? null;
}
