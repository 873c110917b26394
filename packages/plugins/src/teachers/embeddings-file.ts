import {
  defineTeacher,
  type FileTables,
  InputError,
  int,
  path,
  type Side,
  string,
  type TeacherTables,
} from "@kdp/plugin-api";
import type { Column } from "./columns.js";
import { matchIds, type RowOf } from "./match-ids.js";

type Matrix = FileTables["matrices"][string];

/** A teacher known by embeddings of users and items. */
export const embeddingsFile = defineTeacher({
  cacheVersion: 1,
  doc:
    "A teacher that is known by embeddings, read from files: safetensors with both sides, or a file for each side (Parquet " +
    "or Arrow with an id and a list of numbers, CSV with an id and a column for each dimension, JSON, `.npy`). It ranks by " +
    "inner products where it has both sides.",
  views: ["embeddings", "ranking", "scores"],
  positional: "path",
  params: {
    path: path({ default: null, doc: "A file with both sides (safetensors)." }),
    user_file: path({ default: null, doc: "A file with the users' embeddings." }),
    item_file: path({ default: null, doc: "A file with the items' embeddings." }),
    user_ids: path({
      default: null,
      doc: "For files without ids: the user of each row, one id per line; without it row 0 is the user 0, and so on.",
    }),
    item_ids: path({ default: null, doc: "The item of each row, likewise." }),
    user_tensor: string({ default: "user", doc: "Name of the users' matrix in a file with several." }),
    item_tensor: string({ default: "item", doc: "Name of the items' matrix in a file with several." }),
    id: string({ default: null, doc: "Column of the ids; the first one when left out." }),
    top: int({ default: 500, min: 1, doc: "Items ranked for each user, where both sides are given." }),
  },
  async read({ params, users, items, rowOf, file, ids }): Promise<TeacherTables> {
    if (params.path === null && params.user_file === null && params.item_file === null) {
      throw new InputError("KDP7001", "no file is named", {
        fix: 'name one: `embeddings_file("teacher.safetensors")`',
      });
    }
    const notes: string[] = [];
    const read = async (side: Side, count: number) => {
      const source = params[`${side}_file`] ?? params.path;
      if (source === null) return null;
      const tables = await file(source);
      const shared = params[`${side}_file`] === null;
      const found = matrixOf(tables, source, params[`${side}_tensor`], params.id, shared);
      if (!found) return null;
      const listed = params[`${side}_ids`];
      const own = (listed === null ? found.ids : await ids(listed, side)) ?? numbered(found.matrix.rows);
      const placed = placeRows(found.matrix, own, side, count, rowOf, { source, ids: listed ?? source });
      notes.push(...placed.notes);
      return { cols: found.matrix.cols, values: placed.values };
    };
    const embeddings = { user: await read("user", users), item: await read("item", items) };
    return { embeddings, notes };
  },
});

const numbered = (rows: number): string[] => Array.from({ length: rows }, (_, id) => String(id));

/** The matrix of a side, with its ids where the file has them. `shared`: the file holds both sides, so names decide. */
function matrixOf(
  tables: FileTables,
  source: string,
  tensor: string,
  idColumn: string | null,
  shared: boolean,
): { readonly matrix: Matrix; readonly ids: Column | null } | null {
  const { matrices } = tables;
  const names = Object.keys(matrices);
  const named = matrices[tensor];
  if (shared) {
    if (named) return { matrix: named, ids: null };
    throw new InputError("KDP7008", `there is no tensor "${tensor}"`, {
      place: source,
      fix: `the file has ${names.map((name) => `"${name}"`).join(", ") || "none"}; name it (\`user_tensor:\`, \`item_tensor:\`)`,
    });
  }
  const ids = idsOf(tables, source, idColumn);
  const only = named ?? (names.length === 1 ? matrices[names[0] as string] : undefined);
  if (only) return { matrix: only, ids: ids?.column ?? null };
  if (names.length > 1) {
    throw new InputError("KDP7008", `the file holds several matrices (${names.join(", ")})`, {
      place: source,
      fix: "name one: `user_tensor:`, `item_tensor:`",
    });
  }
  return { matrix: fromColumns(tables, source, ids?.name ?? ""), ids: ids?.column ?? null };
}

function idsOf({ columns }: FileTables, source: string, named: string | null) {
  const name =
    named ??
    Object.keys(columns).find((candidate) => /^((user|item)_?)?ids?$/i.test(candidate)) ??
    Object.keys(columns)[0];
  if (name === undefined) return null;
  const column = columns[name];
  if (column) return { name, column };
  throw new InputError("KDP7008", `there is no column "${name}" (\`id:\`)`, {
    place: source,
    fix: `the file has ${Object.keys(columns).join(", ")}`,
  });
}

/** A column for each dimension, in the order of the file. */
function fromColumns({ columns }: FileTables, source: string, id: string): Matrix {
  const dimensions = Object.entries(columns).filter(([name]) => name !== id);
  const rows = columns[id]?.length ?? 0;
  if (dimensions.length === 0) {
    throw new InputError("KDP7206", "the file holds ids but no numbers", {
      place: source,
      fix: "give each id a list of numbers, or a column for each dimension",
    });
  }
  const values = new Float32Array(rows * dimensions.length);
  dimensions.forEach(([, column], c) => {
    for (let row = 0; row < rows; row++) {
      const value = column[row];
      values[row * dimensions.length + c] = value === null || value === "" ? Number.NaN : Number(value);
    }
  });
  return { rows, cols: dimensions.length, values };
}

/** Puts the rows of a file where the universe has them; entities that the file does not know get a row of zeros. */
function placeRows(
  { rows, cols, values }: Matrix,
  ids: Column,
  side: Side,
  count: number,
  rowOf: RowOf,
  places: { readonly source: string; readonly ids: string },
) {
  if (ids.length !== rows) {
    throw new InputError("KDP7206", `${ids.length} ${side} ids stand beside ${rows} rows of embeddings`, {
      place: places.ids,
      fix: "list exactly one id for each row",
    });
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    throw new InputError("KDP7203", `the embedding in row ${Math.floor(bad / cols) + 1} holds ${values[bad]}`, {
      place: places.source,
      fix: "every number of an embedding must be finite",
    });
  }
  const matched = matchIds(ids, side, rowOf, places.ids);
  const out = new Float32Array(count * cols);
  matched.rows.forEach((row, at) => {
    if (row >= 0) out.set(values.subarray(at * cols, (at + 1) * cols), row * cols);
  });
  return { values: out, notes: matched.notes };
}
