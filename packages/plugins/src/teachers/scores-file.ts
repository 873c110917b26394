import { defineTeacher, type FileTables, InputError, int, path, string, type TeacherTables } from "@kdp/plugin-api";
import { numbersOf, requiredColumn } from "./columns.js";
import { matchIds, type RowOf } from "./match-ids.js";

const column = (doc: string) => string({ default: null, doc });
/** A dense matrix of more scores than this is better given as embeddings or as its best pairs. */
const MAX_SCORES = 1 << 26;

/** A teacher known by scores of pairs. */
export const scoresFile = defineTeacher({
  cacheVersion: 1,
  doc:
    "A teacher that is known by scores of users and items, read from a file: a row for each pair (TSV, CSV, JSON, Parquet, " +
    "Arrow), or a matrix with a row for each user and a column for each item (`.npy`, safetensors).",
  views: ["ranking", "scores"],
  positional: "path",
  params: {
    path: path({ doc: "The file." }),
    user: column("Column of the users; found by its usual names when left out."),
    item: column("Column of the items; found by its usual names when left out."),
    score: column("Column of the scores; found by its usual names when left out."),
    user_ids: path({
      default: null,
      doc: "For a matrix: file with the user of each row, one id per line; without it row 0 is the user 0, and so on.",
    }),
    item_ids: path({ default: null, doc: "For a matrix: file with the item of each column, likewise." }),
    top: int({ default: 500, min: 1, doc: "Best items kept for each user." }),
  },
  async read({ params, rowOf, file, ids }): Promise<TeacherTables> {
    const tables = await file(params.path);
    const [matrix] = Object.values(tables.matrices);
    if (matrix && Object.keys(tables.columns).length === 0) {
      const listed = {
        user: params.user_ids === null ? null : await ids(params.user_ids, "user"),
        item: params.item_ids === null ? null : await ids(params.item_ids, "item"),
      };
      return fromMatrix(matrix, listed, params, rowOf);
    }
    const users = matchIds(requiredColumn(tables, params.path, "user", params.user), "user", rowOf, params.path);
    const items = matchIds(requiredColumn(tables, params.path, "item", params.item), "item", rowOf, params.path);
    const scores = numbersOf(requiredColumn(tables, params.path, "score", params.score), params.path, "score");
    return {
      pairs: { user: users.rows, item: items.rows, score: scores },
      notes: [...users.notes, ...items.notes],
    };
  },
});

function fromMatrix(
  { rows, cols, values }: FileTables["matrices"][string],
  ids: Readonly<Record<"user" | "item", readonly string[] | null>>,
  params: { readonly path: string; readonly user_ids: string | null; readonly item_ids: string | null },
  rowOf: RowOf,
): TeacherTables {
  if (values.length > MAX_SCORES) {
    throw new InputError("KDP7206", `the matrix holds ${rows} x ${cols} scores`, {
      place: params.path,
      fix: "give the best pairs of each user as a table, or the factors with embeddings_file",
    });
  }
  const sides = { user: sideOf("user", rows), item: sideOf("item", cols) };
  const user = new Int32Array(values.length);
  const item = new Int32Array(values.length);
  values.forEach((score, at) => {
    if (!Number.isFinite(score)) {
      throw new InputError(
        "KDP7203",
        `the score in row ${Math.floor(at / cols) + 1}, column ${(at % cols) + 1} is ${score}`,
        {
          place: params.path,
          fix: "every score must be a finite number",
        },
      );
    }
    user[at] = sides.user.rows[Math.floor(at / cols)] as number;
    item[at] = sides.item.rows[at % cols] as number;
  });
  return { pairs: { user, item, score: values }, notes: [...sides.user.notes, ...sides.item.notes] };

  function sideOf(side: "user" | "item", count: number) {
    const own = ids[side] ?? Array.from({ length: count }, (_, id) => String(id));
    const place = params[`${side}_ids`] ?? params.path;
    if (own.length === count) return matchIds(own, side, rowOf, place);
    throw new InputError("KDP7206", `${own.length} ${side} ids stand beside ${count} of the matrix`, {
      place,
      fix: "list exactly one id for each",
    });
  }
}
