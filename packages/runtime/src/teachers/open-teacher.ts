import type { Interactions, Kernels, RankingTable, Scorer, Side } from "@kdp/plugin-api";
import { RuntimeFault } from "../faults.js";
import type { PluginRegistry } from "../plugins/registry.js";
import type { Ranker } from "../ranking/ranker.js";
import type { StageInput } from "../stages/stage.js";
import { FACTOR_FIELDS, matrixFromTable } from "../tables/factors.js";
import { ITEM_RANKING_TABLE, RANKING_TABLE, trajectoryTableName, truncateRanking } from "../tables/rankings.js";
import { readRanking, readTable } from "../tables/read-input.js";
import { rankAll } from "../training/scorer-ranking.js";
import { openModel } from "./fitted-model.js";
import { rankUsersOfItems } from "./item-ranking.js";
import { embeddingScorer, embeddingScores, rankByEmbeddings, rankUsersByEmbeddings } from "./rank-embeddings.js";
import { invertRanking, listedScores, listScorer } from "./ranked-lists.js";
import { type ListScores, listScores } from "./score-lists.js";
import { readTrain } from "./universe.js";

/** Matrices `[users, cols]` and `[items, cols]` in kernel memory; null for a side without any. */
export type Embeddings = Readonly<Record<Side, { readonly cols: number; readonly values: Float32Array } | null>>;

/** Anything that teaches or can be measured: a model, a crowd, a ranking, a teacher read from files. */
export interface Teacher {
  /** Display name of its node. */
  readonly name: string;
  /** The events that it learned from. */
  readonly train: Interactions;
  scorer(): Scorer;
  /** Length of the lists that it is known by; null when it scores every item. */
  readonly listLength: number | null;
  /** Scorers by which single metrics are measured (`keep_best`), by key; none of other teachers. */
  readonly kept: ReadonlyMap<string, () => Scorer>;
  /** Best items of each user, training items left out; shorter than `k` when the teacher knows no more. */
  rankItems(k: number): Promise<RankingTable>;
  /** Best users of each item, training users left out. */
  rankUsers(k: number): Promise<RankingTable>;
  readonly scores: ListScores;
  embeddings(): Embeddings | null;
  /** Rankings of its snapshots, earliest first, the last of the teacher itself; null without snapshots. */
  trajectory(): readonly RankingTable[] | null;
}

/** Table of a crowd's or a file's embeddings. */
export const embeddingTableName = (side: Side): string => `embedding.${side}`;

export interface TeacherHost {
  readonly plugins: PluginRegistry;
  readonly kernels: Kernels;
  /** Where inner products are ranked. */
  readonly ranker: Ranker;
  /** Display name of the reading node, for faults. */
  readonly node: string;
}

/** Opens the artefact of a teacher. */
export const openTeacher = (input: StageInput, host: TeacherHost): Promise<Teacher> =>
  input.artefact.meta.facts.teacher === "model" ? modelTeacher(input, host) : Promise.resolve(listTeacher(input, host));

async function modelTeacher(input: StageInput, host: TeacherHost): Promise<Teacher> {
  const { plugins, kernels, ranker, node } = host;
  const { instance, tables, train, kept, scorer: createScorer } = await openModel(input, plugins, kernels, node);
  const scorer = createScorer();
  return {
    name: input.node,
    train,
    scorer: () => scorer,
    listLength: null,
    kept,
    rankItems: (k) => rankAll(kernels, ranker, train, scorer, k),
    rankUsers: (k) => rankUsersOfItems(scorer, kernels, ranker, train, k),
    scores: listScores(scorer, kernels, train.items),
    embeddings: () => ("embeddings" in instance ? instance.embeddings(tables) : null),
    trajectory: () => readTrajectory(input, node),
  };
}

/** A teacher that is known by lists of items, by embeddings, or by both. */
function listTeacher(input: StageInput, { kernels, node }: TeacherHost): Teacher {
  const train = readTrain(input, node);
  const embeddings = readEmbeddings(input, kernels, node);
  const ranking = input.artefact.has(RANKING_TABLE) ? readRanking(input, RANKING_TABLE, node) : null;
  const dot = dotScorer(embeddings);
  // Embeddings from a file say more than the lists made of them; a crowd's own say is its points.
  const products = input.artefact.meta.facts.teacher === "file" ? dot : null;
  // Embeddings of one side teach, but rank nothing: that is a fault only when a ranking is asked for.
  const cannotRank = (): never => {
    throw new RuntimeFault({
      code: "KDP7206",
      kind: "user",
      message: `${input.node} cannot rank: it has no lists, and no embeddings of both sides that are equally wide`,
      place: node,
      fix: "give the teacher the embeddings of users and items, or use losses that read embeddings only",
    });
  };
  // Made once: the tables of embeddings that know their unknown items are copies.
  let opened: Scorer | null = null;
  const scorer = (): Scorer => {
    opened ??= products
      ? embeddingScorer(kernels, products)
      : ranking
        ? listScorer(ranking, train.items)
        : cannotRank();
    return opened;
  };
  return {
    name: input.node,
    train,
    scorer,
    listLength: products ? null : (ranking?.k ?? null),
    kept: new Map(),
    rankItems: async (k) => {
      const longer = products && ranking && k > ranking.k ? rankByEmbeddings(kernels, embeddings, train, k) : null;
      return longer ?? (ranking ? truncateRanking(ranking, k) : cannotRank());
    },
    rankUsers: async (k) => {
      if (input.artefact.has(ITEM_RANKING_TABLE)) {
        return truncateRanking(readRanking(input, ITEM_RANKING_TABLE, node), k);
      }
      if (products) return rankUsersByEmbeddings(kernels, products, train, k);
      return ranking ? invertRanking(ranking, train.items, k) : cannotRank();
    },
    scores: products ? embeddingScores(products, kernels) : ranking ? listedScores(ranking) : cannotRank,
    embeddings: () => embeddings,
    trajectory: () => readTrajectory(input, node),
  };
}

function dotScorer(embeddings: Embeddings | null): (Scorer & { readonly kind: "dot" }) | null {
  const { user, item } = embeddings ?? { user: null, item: null };
  if (!user || !item || user.cols !== item.cols) return null;
  return { kind: "dot", user: user.values, item: item.values, cols: user.cols };
}

function readEmbeddings(input: StageInput, kernels: Kernels, node: string): Embeddings | null {
  const sideOf = (side: Side) => {
    const name = embeddingTableName(side);
    if (!input.artefact.has(name)) return null;
    const { cols, values } = matrixFromTable(readTable(input, name, FACTOR_FIELDS, node));
    return { cols, values: kernels.f32From(values) };
  };
  const embeddings = { user: sideOf("user"), item: sideOf("item") };
  return embeddings.user || embeddings.item ? embeddings : null;
}

function readTrajectory(input: StageInput, node: string): RankingTable[] | null {
  const snapshots: RankingTable[] = [];
  while (input.artefact.has(trajectoryTableName(snapshots.length))) {
    snapshots.push(readRanking(input, trajectoryTableName(snapshots.length), node));
  }
  return snapshots.length > 0 ? snapshots : null;
}
