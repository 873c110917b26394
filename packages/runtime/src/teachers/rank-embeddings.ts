import type { Interactions, Kernels, RankingTable, TeacherTables } from "@kdp/plugin-api";
import { createScorerRanking } from "../training/scorer-ranking.js";

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
  const unknownUsers = zeroRows(user);
  const unknownItems = zeroRows(item);
  const scorer = {
    kind: "dot",
    user: kernels.f32From(withColumn(user, () => 1)),
    item: kernels.f32From(withColumn(item, (row) => (unknownItems[row] ? UNKNOWN : 0))),
    cols: user.cols + 1,
  } as const;
  const ranking = createScorerRanking(kernels, train).topK(scorer, top);
  const { k, ids } = ranking;
  for (let at = 0; at < ids.length; at++) {
    const listed = ids[at] as number;
    if (listed !== -1 && !unknownItems[listed] && !unknownUsers[Math.floor(at / k)]) continue;
    ids[at] = -1;
    if (ranking.scores) ranking.scores[at] = Number.NEGATIVE_INFINITY;
  }
  return ranking;
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
