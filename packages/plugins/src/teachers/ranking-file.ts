import { defineTeacher, int, path, string } from "@kdp/plugin-api";
import { findColumn, numbersOf, requiredColumn } from "./columns.js";
import { matchIds } from "./match-ids.js";

const column = (doc: string) => string({ default: null, doc });

/** A teacher known by its ranked lists: order only. */
export const rankingFile = defineTeacher({
  cacheVersion: 1,
  doc:
    "A teacher that is known by its ranked lists, read from a file (TSV, CSV, JSON, Parquet, Arrow): a row for each user and " +
    "item, best first or with a rank or a score, or a row for each user with a list of items.",
  views: ["ranking"],
  positional: "path",
  params: {
    path: path({ doc: "The file." }),
    user: column("Column of the users; found by its usual names when left out."),
    item: column("Column of the items, or of their lists; found by its usual names when left out."),
    rank: column("Column of the rank, 1 the best; without it (and without scores) the order of the file counts."),
    score: column("Column of scores, high the best, in place of a rank."),
    top: int({ default: 500, min: 1, doc: "Items kept for each user." }),
  },
  async read({ params, rowOf, file }) {
    const tables = await file(params.path);
    const users = matchIds(requiredColumn(tables, params.path, "user", params.user), "user", rowOf, params.path);
    const items = matchIds(requiredColumn(tables, params.path, "item", params.item), "item", rowOf, params.path);
    const score = params.rank === null ? scoreColumn(tables, params) : null;
    const rank = score === null ? rankColumn(tables, params) : null;
    const order = score
      ? numbersOf(score, params.path, "score")
      : rank
        ? numbersOf(rank, params.path, "rank").map((value) => -value)
        : // Equal scores keep the order of the file.
          new Float64Array(users.rows.length);
    return {
      pairs: { user: users.rows, item: items.rows, score: order },
      notes: [...users.notes, ...items.notes],
    };
  },
});

interface Choice {
  readonly path: string;
  readonly rank: string | null;
  readonly score: string | null;
}
type Tables = Parameters<typeof findColumn>[0];

/** Without a header a third column could be either: it is a score in `scores_file`, and nothing here unless it is named. */
const unlessNumbered = (tables: Tables, named: string | null, kind: "rank" | "score", path: string) =>
  named === null && "0" in tables.columns ? null : findColumn(tables, path, kind, named);

const scoreColumn = (tables: Tables, { path, score }: Choice) => unlessNumbered(tables, score, "score", path);
const rankColumn = (tables: Tables, { path, rank }: Choice) => unlessNumbered(tables, rank, "rank", path);
