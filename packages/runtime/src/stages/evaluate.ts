import type { RankingTable } from "@kdp/plugin-api";
import { type ClusterGroups, clusterRows } from "../balance/cluster-groups.js";
import { counted, dataNote } from "../data/data-fault.js";
import { type HeldOut, readHeldOut } from "../evaluation/held-out.js";
import { rankingLatency } from "../evaluation/latency.js";
import { loadMetrics, type MetricRequest } from "../evaluation/load-metrics.js";
import {
  type Evaluated,
  type Evaluation,
  type EvaluationOptions,
  prepareEvaluation,
} from "../evaluation/prepare-evaluation.js";
import { RuntimeFault } from "../faults.js";
import { nodeRanker } from "../ranking/node-ranker.js";
import type { ArtefactWriter, Facts } from "../store/artefact.js";
import { CLUSTER_FIELDS, CLUSTERS_TABLE, clustersFromTable } from "../tables/clusters.js";
import { METRICS_TABLE, type MetricRow, metricsToTable, PER_USER_TABLE, perUserToTable } from "../tables/metrics.js";
import { readTable } from "../tables/read-input.js";
import { openTeacher, type Teacher } from "../teachers/open-teacher.js";
import { optionalBoolean, optionalNumber, requiredNumber, stringList } from "./params.js";
import { inputOf, type StageContext, type StageExecutor, type StageInput } from "./stage.js";

/** `evaluate(on: …, metrics: […])`: tables `metrics` and `per-user`. */
export const run: StageExecutor = async (context) => {
  const { node, output, plugins } = context;
  const kernels = await context.kernels();
  const input = inputOf(context, "model");
  const ranker = nodeRanker(context, kernels);
  const teacher = await openTeacher(input, { plugins, kernels, ranker, node: node.id });
  const heldOut = readHeldOut(inputOf(context, "on"), node.id);
  checkUniverse(teacher, heldOut, node.id);
  const metrics = await loadMetrics(stringList(node.params, "metrics"), plugins);
  const count = optionalNumber(node.params, "candidates");
  const seed = requiredNumber(node.params, "candidate_seed");
  const evaluation = prepareEvaluation({
    node: node.id,
    kernels,
    ranker,
    heldOut,
    metrics,
    candidates: count === null ? null : { count, seed },
    ...readClusters(context, heldOut),
  });
  if (evaluation.users === 0) {
    throw new RuntimeFault({
      code: "KDP7104",
      kind: "user",
      message: `no user has an item in the ${heldOut.part} events, so there is nothing to measure`,
      place: node.id,
      fix: "give this part a larger share, or use users with more interactions",
    });
  }
  const { values, perUser } = await measure(evaluation, teacher, metrics);
  const rows = rowsOf(metrics, values, null);
  if (evaluation.groups) rows.push(...clusterRows(evaluation.groups, metrics, perUser));
  const snapshots = optionalBoolean(node.params, "snapshots") ? (teacher.trajectory() ?? []) : [];
  rows.push(...(await snapshotRows(input, snapshots, evaluation, metrics)));
  const known: readonly MeasuredLists[] = [
    { whose: "the lists that are measured end", lengths: teacher.listLength === null ? [] : [teacher.listLength] },
    { whose: "the lists of snapshots end", lengths: snapshots.map(({ k }) => k) },
  ];
  for (const lists of known)
    for (const note of listNotes(lists, metrics, count, heldOut.events.items)) output.note(note);
  output.table(METRICS_TABLE, metricsToTable(rows));
  output.table(PER_USER_TABLE, perUserToTable(perUser));
  output.facts({
    split: heldOut.part,
    users: evaluation.users,
    users_without_items: evaluation.usersWithoutItems,
    candidates: count ?? "all",
    ...(count === null ? {} : { candidate_seed: seed }),
    ...lowerIsBetter(metrics),
    ...ranker.facts(),
    latency_ms: rankingLatency(teacher.scorer(), kernels, teacher.train),
  });
  if (evaluation.groups) tellClusters(evaluation.groups, output);
  for (const note of evaluation.notes) output.note(note);
  if (evaluation.usersWithoutItems > 0) {
    const who = counted(evaluation.usersWithoutItems, "user is left out", "users are left out");
    output.note(dataNote("KDP7108", `${who}: no ${heldOut.part} item`));
  }
};

/** The clusters of users of `clusters:`, and how many measured users make one. */
function readClusters(context: StageContext, { events }: HeldOut): Pick<EvaluationOptions, "clusters"> {
  const { node, inputs } = context;
  const input = inputs.find(({ port }) => port === "clusters");
  if (!input) return {};
  const assignment = clustersFromTable(readTable(input, CLUSTERS_TABLE, CLUSTER_FIELDS, node.id));
  if (assignment.length === events.users) {
    return { clusters: { assignment, minUsers: requiredNumber(node.params, "cluster_min_users") } };
  }
  throw new RuntimeFault({
    code: "KDP7206",
    kind: "user",
    message: `the clusters know ${assignment.length} users, the events ${events.users}`,
    place: node.id,
    fix: "give `clusters:` a model of the split that is measured",
  });
}

/** For whoever marks the best: of most metrics more is better. */
function lowerIsBetter(metrics: readonly MetricRequest[]): Facts {
  const keys = metrics.filter(({ definition }) => !definition.higherIsBetter).map(({ key }) => key);
  return keys.length === 0 ? {} : { lower_is_better: keys };
}

function tellClusters({ clusters, rest, merged }: ClusterGroups, output: ArtefactWriter): void {
  const groups = [...clusters, ...(rest ? [rest] : [])];
  output.facts({ cluster_users: Object.fromEntries(groups.map(({ name, rows }) => [name, rows.length])) });
  if (!rest) return;
  const few = `${counted(merged, "cluster")} of few users (${counted(rest.rows.length, "user")} together)`;
  output.note(`${few} are merged and left out of the spread over clusters`);
  if (clusters.length < 2) output.note("fewer than two clusters are left, so there is no spread over clusters");
}

/** Each metric by the model's own scores, or by those of the epoch that was kept for it. */
async function measure(
  evaluation: Evaluation,
  teacher: Teacher,
  metrics: readonly MetricRequest[],
): Promise<Evaluated> {
  const { values, perUser } = await evaluation.evaluate(teacher.scorer());
  const [mixed, lists] = [{ ...values }, { ...perUser.values }];
  for (const { key } of metrics) {
    const scorer = teacher.kept.get(key);
    if (!scorer) continue;
    const own = await evaluation.evaluate(scorer());
    mixed[key] = own.values[key] as number;
    const users = own.perUser.values[key];
    if (users) lists[key] = users;
  }
  return { values: mixed, perUser: { user: perUser.user, values: lists } };
}

const rowsOf = (
  metrics: readonly MetricRequest[],
  values: Readonly<Record<string, number>>,
  epoch: number | null,
): MetricRow[] =>
  metrics.map(({ key, metric, cutoff }) => ({ metric, cutoff, group: "all", value: values[key] as number, epoch }));

/** Snapshots are measured by their lists. */
async function snapshotRows(
  input: StageInput,
  snapshots: readonly RankingTable[],
  evaluation: Evaluation,
  metrics: readonly MetricRequest[],
): Promise<MetricRow[]> {
  const epochs = input.artefact.meta.facts.snapshot_epochs;
  const rows: MetricRow[] = [];
  for (const [i, ranking] of snapshots.entries()) {
    const epoch = Array.isArray(epochs) ? Number(epochs[i]) : i;
    rows.push(...rowsOf(metrics, (await evaluation.evaluateLists(ranking)).values, epoch));
  }
  return rows;
}

/** Lists that end before the catalogue does. */
interface MeasuredLists {
  readonly whose: string;
  readonly lengths: readonly number[];
}

/** Below its end a list says nothing: all other items share the mean of the ranks that are left. */
function listNotes(
  { whose, lengths }: MeasuredLists,
  metrics: readonly MetricRequest[],
  candidates: number | null,
  items: number,
): string[] {
  const shortest = Math.min(...lengths);
  const beyond = metrics.filter(({ cutoff }) => Math.min(cutoff ?? items, items) > shortest).map(({ key }) => key);
  const line = (what: string) => [
    dataNote("KDP7204", `${what}: ${whose} after ${shortest} items, all others tie below them`),
  ];
  if (candidates !== null && shortest < items) return line("sampled candidates");
  return beyond.length > 0 ? line(beyond.join(", ")) : [];
}

function checkUniverse({ name, train }: Teacher, { events }: HeldOut, node: string): void {
  if (train.users === events.users && train.items === events.items) return;
  throw new RuntimeFault({
    code: "KDP7206",
    kind: "user",
    message: `${name} knows ${train.users} users and ${train.items} items, the events ${events.users} and ${events.items}`,
    place: node,
    fix: "measure a model on the split that it was trained on",
  });
}
