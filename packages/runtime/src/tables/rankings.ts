import type { RankingTable } from "@kdp/plugin-api";
import type { Table } from "apache-arrow";
import type { FieldSpec } from "./check-table.js";
import { listColumn, listData, tableOf } from "./columns.js";

/** Best first: `ids: FixedSizeList<int32>[k]`, -1 past the end of a short list, and `scores` where there are any. */
export const RANKING_FIELDS: readonly FieldSpec[] = [
  { name: "ids", type: "FixedSizeList<Int32>" },
  { name: "scores", type: "FixedSizeList<Float32>", optional: true },
];

/** Items per user, and users per item, of a node that ranks. */
export const RANKING_TABLE = "ranking";
export const ITEM_RANKING_TABLE = "item-ranking";
/** Items per user by the snapshot numbered from 0 (earliest). */
export const trajectoryTableName = (snapshot: number): string => `trajectory.${snapshot}`;

export const rankingToTable = (ranking: RankingTable): Table =>
  tableOf({
    ids: listData(ranking.ids, ranking.k),
    ...(ranking.scores ? { scores: listData(ranking.scores, ranking.k) } : {}),
  });

export function rankingFromTable(table: Table): RankingTable {
  const { width, values } = listColumn(table, "ids", Int32Array);
  return {
    rows: table.numRows,
    k: width,
    ids: values,
    scores: table.getChild("scores") ? listColumn(table, "scores", Float32Array).values : null,
  };
}

/** The first `k` of each list; the table itself when it is not longer. */
export function truncateRanking(ranking: RankingTable, k: number): RankingTable {
  if (k >= ranking.k) return ranking;
  const cut = <A extends Int32Array | Float32Array>(values: A, out: A): A => {
    for (let row = 0; row < ranking.rows; row++) {
      out.set(values.subarray(row * ranking.k, row * ranking.k + k), row * k);
    }
    return out;
  };
  return {
    rows: ranking.rows,
    k,
    ids: cut(ranking.ids, new Int32Array(ranking.rows * k)),
    scores: ranking.scores ? cut(ranking.scores, new Float32Array(ranking.rows * k)) : null,
  };
}
