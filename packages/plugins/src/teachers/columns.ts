import { type FileTables, InputError } from "@kdp/plugin-api";

export type Column = FileTables["columns"][string];

/** What a column is for, with the names under which files have it, and its place in files without names. */
interface ColumnKind {
  readonly names: RegExp;
  readonly place: number;
}

const KINDS = {
  // `id` is what a JSON object of lists calls its keys.
  user: { names: /^(users?(_?ids?)?|uid|id)$/i, place: 0 },
  item: { names: /^(items?(_?ids?)?|iid|list|ranking)$/i, place: 1 },
  rank: { names: /^(rank|position|place)$/i, place: 2 },
  score: { names: /^(scores?|ratings?|predictions?|value)$/i, place: 2 },
} as const satisfies Record<string, ColumnKind>;

/** Finds a column that a pipeline names, or else the one with a usual name; null when there is none. */
export function findColumn(
  { columns }: FileTables,
  path: string,
  kind: keyof typeof KINDS,
  named: string | null,
): Column | null {
  if (named !== null) {
    const column = columns[named];
    if (column) return column;
    throw new InputError("KDP7008", `there is no column "${named}" (\`${kind}:\`)`, {
      place: path,
      fix: listing(columns),
    });
  }
  const { names, place } = KINDS[kind];
  const found = Object.keys(columns).find((name) => names.test(name));
  if (found !== undefined) return columns[found] ?? null;
  // Columns without a header are numbered.
  return "0" in columns ? (columns[String(place)] ?? null) : null;
}

export function requiredColumn(
  tables: FileTables,
  path: string,
  kind: keyof typeof KINDS,
  named: string | null,
): Column {
  const column = findColumn(tables, path, kind, named);
  if (column) return column;
  throw new InputError("KDP7008", `no column is named as the ${kind}`, {
    place: path,
    fix: `say which: \`${kind}: "…"\`; ${listing(tables.columns)}`,
  });
}

const listing = (columns: FileTables["columns"]): string => {
  const names = Object.keys(columns);
  return names.length === 0 ? "the file has no columns" : `the file has ${names.map((name) => `"${name}"`).join(", ")}`;
};

/**
 * In double precision, so that what differs keeps its order; what is kept of a score has single precision.
 * @throws InputError KDP7203 at the first value that is no finite number of single precision
 */
export function numbersOf(column: Column, path: string, what: string): Float64Array {
  return Float64Array.from(column as ArrayLike<string | number | null>, (value, row) => {
    const number = typeof value === "string" ? numberOf(value) : (value ?? Number.NaN);
    if (Number.isFinite(Math.fround(number))) return number;
    if (Number.isFinite(number)) {
      throw new InputError(
        "KDP7203",
        `the ${what} in row ${row + 1} is ${value}, more than a number of 32 bits holds`,
        {
          place: path,
          fix: "scale the column down; only the order and the proportions count",
        },
      );
    }
    throw new InputError("KDP7203", `the ${what} in row ${row + 1} is ${value === null ? "missing" : value}`, {
      place: path,
      fix: "remove such rows; nothing can be ranked by them",
    });
  });
}

/** `Number("")` is 0, which an empty field is not. */
const numberOf = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));
