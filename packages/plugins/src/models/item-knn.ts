import { type ClosedFormInstance, defineModel, float, type Interactions, int } from "@kdp/plugin-api";
import { fittedTable } from "./shared/fitted.js";
import { columnsOf, type Sparse } from "./shared/sparse.js";

/**
 * Item-based nearest neighbours (Sarwar et al., WWW 2001): cosine similarity of the items' user sets,
 * s_ij = |U_i ∩ U_j| / (√(|U_i| |U_j|) + shrinkage), kept for the nearest neighbours of each item;
 * score(u, i) = Σ s_ji over the user's train items j that have i among their neighbours.
 */
export const itemKnn = defineModel({
  doc: "Item-based nearest neighbours with cosine similarity (Sarwar et al., WWW 2001).",
  views: ["ranking", "scores"],
  student: false,
  trained: false,
  memory: { parameters: [["items", "neighbours", 2]] },
  params: {
    neighbours: int({ default: 100, min: 1, doc: "Most similar items kept for each item." }),
    shrinkage: float({ default: 0, min: 0, doc: "Added to the denominator: trusts items with few users less." }),
  },
  create({ params, users, items, train }): ClosedFormInstance {
    return {
      fit() {
        const kept = Math.min(params.neighbours, items);
        const { ids, similarities } = nearest(train, columnsOf(train), kept, params.shrinkage);
        return {
          // Ids as numbers: float32 holds integers exactly up to 16 million.
          neighbour: { rows: items, cols: kept, values: ids },
          similarity: { rows: items, cols: kept, values: similarities },
        };
      },
      scorer(tables) {
        const neighbour = fittedTable(tables, "neighbour");
        const similarity = fittedTable(tables, "similarity");
        return {
          kind: "block",
          scoreUsers(ids, n, out) {
            out.fill(0, 0, n * items);
            for (let r = 0; r < n; r++) {
              const user = ids[r]!;
              if (user >= users) throw new RangeError(`user ${user} of ${users}`);
              for (let at = train.offsets[user]!; at < train.offsets[user + 1]!; at++) {
                const from = train.itemIds[at]! * neighbour.cols;
                for (let k = from; k < from + neighbour.cols; k++) {
                  const item = neighbour.values[k]!;
                  if (item < 0) break;
                  out[r * items + item]! += similarity.values[k]!;
                }
              }
            }
          },
        };
      },
    };
  },
});

/** The nearest items of each item, best first, ties by smaller id; rows with fewer are filled with -1. */
function nearest(rows: Interactions, columns: Sparse, kept: number, shrinkage: number) {
  const { items } = rows;
  const ids = new Float32Array(items * kept).fill(-1);
  const similarities = new Float32Array(items * kept);
  const common = new Int32Array(items);
  const degree = (item: number) => columns.offsets[item + 1]! - columns.offsets[item]!;
  for (let item = 0; item < items; item++) {
    const met: number[] = [];
    for (let at = columns.offsets[item]!; at < columns.offsets[item + 1]!; at++) {
      const user = columns.ids[at]!;
      for (let j = rows.offsets[user]!; j < rows.offsets[user + 1]!; j++) {
        const other = rows.itemIds[j]!;
        if (other === item) continue;
        if (common[other]!++ === 0) met.push(other);
      }
    }
    const similar = met.map((other): [number, number] => [
      other,
      common[other]! / (Math.sqrt(degree(item) * degree(other)) + shrinkage),
    ]);
    similar.sort(([a, sa], [b, sb]) => sb - sa || a - b);
    similar.slice(0, kept).forEach(([other, similarity], k) => {
      ids[item * kept + k] = other;
      similarities[item * kept + k] = similarity;
    });
    for (const other of met) common[other] = 0;
  }
  return { ids, similarities };
}
