import type { CatalogueFacts, Interactions, Kernels, RankingTable, Scorer, UserRanks } from "@kdp/plugin-api";
import { type ClusterGroups, clusterGroups } from "../balance/cluster-groups.js";
import { counted, dataNote } from "../data/data-fault.js";
import { cpuRanker, type Ranker } from "../ranking/ranker.js";
import { unionOf } from "../tables/interactions.js";
import type { PerUserMetrics } from "../tables/metrics.js";
import { listScorer } from "../teachers/ranked-lists.js";
import { rankAll } from "../training/scorer-ranking.js";
import { catalogueFacts } from "./catalogue-facts.js";
import { fullRanking } from "./full-ranking.js";
import type { HeldOut } from "./held-out.js";
import { listRanks } from "./list-ranks.js";
import type { MetricRequest } from "./load-metrics.js";
import { meanOf } from "./mean.js";
import { type HeldOutPart, sampleCandidates } from "./sampled-candidates.js";
import { sampledRanking } from "./sampled-ranking.js";
import { type RankCounter, type RankCounts, type Targets, targetsOf } from "./targets.js";

export interface EvaluationOptions {
  /** Display name of the node, for faults. */
  readonly node: string;
  readonly kernels: Kernels;
  /** Where inner products are ranked; the CPU where nothing is said. */
  readonly ranker?: Ranker;
  readonly heldOut: HeldOut;
  readonly metrics: readonly MetricRequest[];
  /** Null ranks among all items. Candidates of valid and test with one seed share no item. */
  readonly candidates: { readonly count: number; readonly seed: number } | null;
  /** Clusters that users are also measured in: the cluster of every user, and how many measured users make one. */
  readonly clusters?: { readonly assignment: Int32Array; readonly minUsers: number };
}

export interface Evaluated {
  /** By key such as `ndcg@10`: means over users, and values over all lists. */
  readonly values: Readonly<Record<string, number>>;
  /** Metrics that are means, by key. */
  readonly perUser: PerUserMetrics;
}

/** A measurement that can be repeated: all that does not depend on the scores is ready. */
export interface Evaluation {
  /** Users with held-out items: those that count. */
  readonly users: number;
  readonly usersWithoutItems: number;
  readonly notes: readonly string[];
  /** Null without clusters. */
  readonly groups: ClusterGroups | null;
  /**
   * @param scorer factors lie in the memory of the kernels
   * @throws RuntimeFault KDP8001 when the scores hold NaN
   */
  evaluate(scorer: Scorer): Promise<Evaluated>;
  /** By lists of items of each user, such as those of a snapshot. */
  evaluateLists(ranking: RankingTable): Promise<Evaluated>;
}

/**
 * Prepares metrics of held-out events (rules 14, 15): candidates of a user are all items but those of the user's other
 * parts; a held-out item ranks 1 + items above + half the ties; users without held-out items are left out and counted.
 */
export function prepareEvaluation(options: EvaluationOptions): Evaluation {
  const { kernels, heldOut, metrics, node } = options;
  const { events, train, others } = heldOut;
  const excluded = unionOf(others, events.users, events.items);
  const targets = targetsOf(kernels, events);
  const notes = metrics.flatMap((metric) => clampNote(metric, events.items));
  const ranker = options.ranker ?? cpuRanker(kernels);
  const countRanks = rankCounter(options, ranker, targets, excluded, notes);
  const catalogue = catalogueFacts(train);
  const users = Int32Array.from(targets.userIds);
  const lists = listsOf(options, ranker, excluded);
  const groups = options.clusters ? clusterGroups(users, options.clusters.assignment, options.clusters.minUsers) : null;

  async function measure(counts: RankCounts, scorer: Scorer): Promise<Evaluated> {
    const rankedUser = ranksByUser(targets, counts);
    const shown = lists ? await lists(scorer) : null;
    const cutoffOf = ({ cutoff }: MetricRequest) => Math.min(cutoff ?? events.items, events.items);
    const perUser: Record<string, Float64Array> = {};
    for (const { key, definition } of metrics) if (definition.perUser) perUser[key] = new Float64Array(users.length);
    for (let row = 0; row < users.length; row++) {
      const user = rankedUser(row);
      for (const request of metrics) {
        const own = perUser[request.key];
        if (own) own[row] = request.definition.perUser?.(user, cutoffOf(request), catalogue) ?? Number.NaN;
      }
    }
    const values: Record<string, number> = {};
    let clusters: readonly (readonly UserRanks[])[] | null = null;
    for (const request of metrics) {
      const cutoff = cutoffOf(request);
      const { definition, key } = request;
      const own = perUser[key];
      if (own) values[key] = meanOf(own);
      else if (definition.perCluster) {
        if (!groups) throw new Error(`metric ${key} of ${node} was let pass without clusters`);
        clusters ??= groups.clusters.map(({ rows }) => rows.map(rankedUser));
        values[key] = definition.perCluster(clusters, cutoff, catalogue);
      } else values[key] = overallValue(request, shown, users, cutoff, catalogue, node);
    }
    return { values, perUser: { user: users, values: perUser } };
  }

  return {
    users: users.length,
    usersWithoutItems: events.users - users.length,
    notes,
    groups,
    evaluate: async (scorer) => measure(await countRanks(scorer), scorer),
    async evaluateLists(ranking) {
      const scorer = listScorer(ranking, events.items);
      return measure(options.candidates ? await countRanks(scorer) : listRanks(ranking, targets, excluded), scorer);
    },
  };
}

function rankCounter(
  { kernels, heldOut, candidates, node }: EvaluationOptions,
  ranker: Ranker,
  targets: Targets,
  excluded: Interactions,
  notes: string[],
): RankCounter {
  if (!candidates) return fullRanking(kernels, ranker, targets, excluded, node);
  const { events } = heldOut;
  const part: HeldOutPart = heldOut.part === "valid" ? "valid" : "test";
  const observed = unionOf([excluded, events], events.users, events.items);
  const lists = sampleCandidates(targets.userIds, observed, { ...candidates, part });
  if (lists.shortUsers > 0) {
    const who = counted(lists.shortUsers, "user has", "users have");
    notes.push(
      dataNote("KDP7105", `${who} fewer than ${candidates.count} items to sample; all they have are candidates`),
    );
  }
  return sampledRanking(kernels, targets, lists, events.items, node);
}

function clampNote({ key, cutoff }: MetricRequest, items: number): string[] {
  if (cutoff === null || cutoff <= items) return [];
  return [dataNote("KDP7105", `${key}: the catalogue has ${counted(items, "item")}, so the cut-off is ${items}`)];
}

/**
 * Ranks of a user's held-out items, ascending, by the user's row among the targets. Made one by one: those of all users at
 * once would be several objects a user.
 */
function ranksByUser(targets: Targets, counts: RankCounts): (row: number) => UserRanks {
  const ranks = new Float64Array(counts.above.length);
  for (let at = 0; at < ranks.length; at++) {
    ranks[at] = 1 + (counts.above[at] as number) + (counts.ties[at] as number) / 2;
  }
  return (row) => {
    const from = targets.offsets[row] as number;
    const to = targets.offsets[row + 1] as number;
    if (to - from === 1) return { ranks: ranks.subarray(from, to), items: targets.items.slice(from, to), relevant: 1 };
    const order = Array.from({ length: to - from }, (_, i) => from + i);
    order.sort((a, b) => (ranks[a] as number) - (ranks[b] as number) || a - b);
    return {
      ranks: Float64Array.from(order, (at) => ranks[at] as number),
      items: Int32Array.from(order, (at) => targets.items[at] as number),
      relevant: order.length,
    };
  };
}

/** Lists of all users, made only when a metric reads them. */
function listsOf({ kernels, metrics }: EvaluationOptions, ranker: Ranker, excluded: Interactions) {
  const cutoffs = metrics.flatMap(({ definition, cutoff }) => (definition.overall ? [cutoff ?? excluded.items] : []));
  if (cutoffs.length === 0) return null;
  const longest = Math.min(Math.max(...cutoffs), excluded.items);
  return (scorer: Scorer): Promise<RankingTable> => rankAll(kernels, ranker, excluded, scorer, longest);
}

function overallValue(
  { definition, key }: MetricRequest,
  shown: RankingTable | null,
  users: Int32Array,
  cutoff: number,
  catalogue: CatalogueFacts,
  node: string,
): number {
  if (!definition.overall || !shown)
    throw new Error(`metric ${key} of ${node} has neither perUser nor perCluster nor overall`);
  const ids = new Int32Array(users.length * cutoff);
  users.forEach((user, row) => {
    ids.set(shown.ids.subarray(user * shown.k, user * shown.k + cutoff), row * cutoff);
  });
  return definition.overall({ rows: users.length, k: cutoff, ids, scores: null }, cutoff, catalogue);
}
