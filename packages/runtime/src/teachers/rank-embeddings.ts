import type { Interactions, Kernels, RankingTable, Scorer, Side, TeacherTables } from "@kdp/plugin-api";
import { cpuRanker } from "../ranking/ranker.js";
import { createScorerRanking } from "../training/scorer-ranking.js";
import { rankUsersOfItems } from "./item-ranking.js";
import { type ListScores, listScores } from "./score-lists.js";

type Matrix = { readonly cols: number; readonly values: Float32Array };

/** Lower than any score of real embeddings, and far from the end of float32. */
const UNKNOWN = -1e30;

/** 1 for each row of zeros: an entity that the teacher does not know. */
export function zeroRows({ cols, values }: Matrix): Uint8Array {
  const zero = new Uint8Array(values.length / cols).fill(1);
  values.forEach((value, at) => {
    if (value !== 0) zero[Math.floor(at / cols)] = 0;
  });
  return zero;
}

type DotScorer = Scorer & { readonly kind: "dot" };

/**
 * Ranks by inner products, training items left out. Users without an embedding have no list, and items without one are in
 * none: their scores of 0 would put them before items that a user dislikes.
 * @returns null where a side is missing or the widths differ
 */
export function rankByEmbeddings(
  kernels: Kernels,
  embeddings: TeacherTables["embeddings"] | null,
  train: Interactions,
  top: number,
): RankingTable | null {
  const { user, item } = embeddings ?? { user: null, item: null };
  if (!user || !item || user.cols !== item.cols) return null;
  const unknown = { user: zeroRows(user), item: zeroRows(item) };
  const scorer = unknownLast(kernels, user, item, { user: null, item: unknown.item });
  return withoutUnknown(createScorerRanking(kernels, train).topK(scorer, top), unknown.user, unknown.item);
}

/** Scores every item of every user by inner products, items without an embedding below all others. */
export function embeddingScorer(kernels: Kernels, { user, item, cols }: DotScorer): DotScorer {
  const items = { cols, values: item };
  return unknownLast(kernels, { cols, values: user }, items, { user: null, item: zeroRows(items) });
}

/** The mirror image of {@link rankByEmbeddings}: the best users of each item, those without an embedding in no list. */
export async function rankUsersByEmbeddings(
  kernels: Kernels,
  { user, item, cols }: DotScorer,
  train: Interactions,
  top: number,
): Promise<RankingTable> {
  const sides = { user: { cols, values: user }, item: { cols, values: item } };
  const unknown = { user: zeroRows(sides.user), item: zeroRows(sides.item) };
  const scorer = unknownLast(kernels, sides.user, sides.item, { user: unknown.user, item: null });
  // The mark of the unknown would widen the error of every score: nothing for a device.
  const ranking = await rankUsersOfItems(scorer, kernels, cpuRanker(kernels), train, top);
  return withoutUnknown(ranking, unknown.item, unknown.user);
}

/** Inner products in which the unknown of one side come after all others. */
function unknownLast(
  kernels: Kernels,
  user: Matrix,
  item: Matrix,
  unknown: Readonly<Record<Side, Uint8Array | null>>,
): DotScorer {
  const column = (side: Side) => (row: number) => {
    const own = unknown[side];
    return own === null ? 1 : own[row] === 1 ? UNKNOWN : 0;
  };
  return {
    kind: "dot",
    user: kernels.f32From(withColumn(user, column("user"))),
    item: kernels.f32From(withColumn(item, column("item"))),
    cols: user.cols + 1,
  };
}

/** Ends each list before its unknown entries, which stand last; unknown rows have none. */
function withoutUnknown(ranking: RankingTable, rows: Uint8Array, others: Uint8Array): RankingTable {
  const { k, ids, scores } = ranking;
  for (let at = 0; at < ids.length; at++) {
    const listed = ids[at] as number;
    if (listed !== -1 && others[listed] === 0 && rows[Math.floor(at / k)] === 0) continue;
    ids[at] = -1;
    if (scores) scores[at] = Number.NEGATIVE_INFINITY;
  }
  return ranking;
}

/** Inner products of listed pairs; -Infinity where the teacher has no row for the user or the item. */
export function embeddingScores(scorer: DotScorer, kernels: Kernels): ListScores {
  const { user, item, cols } = scorer;
  const unknown = { user: zeroRows({ cols, values: user }), item: zeroRows({ cols, values: item }) };
  const products = listScores(scorer, kernels, unknown.item.length);
  return (list, out) => {
    products(list, out);
    const [own, others] = list.side === "user" ? [unknown.user, unknown.item] : [unknown.item, unknown.user];
    for (let at = 0; at < list.rows * list.k; at++) {
      const other = list.others[at] as number;
      const isUnknown = own[list.ids[Math.floor(at / list.k)] as number] === 1 || others[other] === 1;
      if (isUnknown) out[at] = Number.NEGATIVE_INFINITY;
    }
  };
}

/** The matrix with one more column. */
function withColumn({ cols, values }: Matrix, valueOfRow: (row: number) => number): Float32Array {
  const rows = values.length / cols;
  const out = new Float32Array(rows * (cols + 1));
  for (let row = 0; row < rows; row++) {
    out.set(values.subarray(row * cols, (row + 1) * cols), row * (cols + 1));
    out[row * (cols + 1) + cols] = valueOfRow(row);
  }
  return out;
}
