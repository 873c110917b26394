import { dataFault } from "./data-fault.js";

/** What a column of interactions is for. */
export type ColumnRole = "user" | "item" | "rating" | "timestamp";

/** A column as a pipeline names it: by its name in the header, or by its index, counted from 0. */
export type ColumnChoice = string | number | null;

export type ColumnChoices = Readonly<Record<ColumnRole, ColumnChoice>>;

/** Index of each column, counted from 0; null where the source has none. */
export interface ColumnIndexes {
  readonly user: number;
  readonly item: number;
  readonly rating: number | null;
  readonly timestamp: number | null;
}

/** Names under which data sets are published, letters and digits only. */
const USUAL_NAMES: Readonly<Record<ColumnRole, ReadonlySet<string>>> = {
  user: new Set(["user", "userid", "uid", "u", "reviewerid", "customerid", "visitorid", "memberid", "student"]),
  item: new Set([
    ...["item", "itemid", "iid", "i", "movieid", "movie", "productid", "product", "asin", "parentasin", "artistid"],
    ...["artist", "bookid", "isbn", "businessid", "venueid", "songid", "trackid", "articleid", "paperid", "gameid"],
  ]),
  rating: new Set(["rating", "ratings", "score", "stars", "overall"]),
  timestamp: new Set(["timestamp", "time", "ts", "date", "datetime", "unixtime", "unixreviewtime", "createdat"]),
};

/** `user_id:token` (RecBole) and `User ID` are both `userid`. */
const plainName = (name: string): string =>
  name
    .replace(/:(token|float|token_seq|float_seq)$/, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/** The role that a column's name speaks of, if any. */
export const roleOfName = (name: string): ColumnRole | null =>
  (Object.keys(USUAL_NAMES) as ColumnRole[]).find((role) => USUAL_NAMES[role].has(plainName(name))) ?? null;

export interface SourceColumns {
  readonly file: string;
  readonly count: number;
  /** Null without a header. */
  readonly names: readonly string[] | null;
  /** Columns that hold numbers only, as far as was looked. */
  readonly numeric: readonly boolean[];
  /** Columns that can be read as time stamps. */
  readonly temporal: readonly boolean[];
}

/**
 * Finds the columns: those that the pipeline names, else those with a usual name, else (without a header) the order
 * user, item, rating, time stamp.
 * @throws RuntimeFault KDP7008 when a column is not there, or when the header does not tell users from items.
 */
export function chooseColumns(source: SourceColumns, choices: ColumnChoices): ColumnIndexes {
  const taken = new Set<number>();
  const chosen = new Map<ColumnRole, number>();
  for (const role of ["user", "item", "rating", "timestamp"] as const) {
    const choice = choices[role];
    if (choice !== null) chosen.set(role, taking(source, role, indexOf(source, role, choice), taken));
  }
  for (const role of ["user", "item", "rating", "timestamp"] as const) {
    if (chosen.has(role)) continue;
    const index = source.names ? usualColumn(source, role, taken) : positionOf(source, role, taken);
    if (index !== null) chosen.set(role, taking(source, role, index, taken));
    else if (role === "user" || role === "item") throw unknownColumn(source, role);
  }
  return {
    user: chosen.get("user") as number,
    item: chosen.get("item") as number,
    rating: chosen.get("rating") ?? null,
    timestamp: chosen.get("timestamp") ?? null,
  };
}

function taking(source: SourceColumns, role: ColumnRole, index: number, taken: Set<number>): number {
  if (taken.has(index)) {
    throw dataFault("KDP7008", `column ${columnName(source, index)} is named for two purposes, ${role} being one`, {
      place: source.file,
      fix: `name different columns for user, item, rating and timestamp; ${listing(source)}`,
    });
  }
  taken.add(index);
  return index;
}

function indexOf(source: SourceColumns, role: ColumnRole, choice: string | number): number {
  const byName = source.names?.indexOf(String(choice)) ?? -1;
  if (byName !== -1) return byName;
  const index = typeof choice === "number" ? choice : /^\d+$/.test(choice) ? Number(choice) : -1;
  if (Number.isInteger(index) && index >= 0 && index < source.count) return index;
  const shown = typeof choice === "number" ? String(choice) : JSON.stringify(choice);
  throw dataFault("KDP7008", `there is no column ${shown} (\`${role}:\`)`, {
    place: source.file,
    fix: listing(source),
  });
}

function usualColumn(source: SourceColumns, role: ColumnRole, taken: ReadonlySet<number>): number | null {
  const names = source.names ?? [];
  const index = names.findIndex((name, i) => !taken.has(i) && roleOfName(name) === role);
  return index === -1 ? null : index;
}

/** Without a header the order says it; a third column that holds no numbers is no rating. */
function positionOf(source: SourceColumns, role: ColumnRole, taken: ReadonlySet<number>): number | null {
  const index = { user: 0, item: 1, rating: 2, timestamp: 3 }[role];
  if (index >= source.count || taken.has(index)) return null;
  if (role === "rating" && !source.numeric[index]) return null;
  if (role === "timestamp" && !source.temporal[index]) return null;
  return index;
}

const columnName = (source: SourceColumns, index: number): string =>
  source.names ? JSON.stringify(source.names[index]) : String(index);

function listing(source: SourceColumns): string {
  if (source.names) return `the header has ${source.names.map((name) => JSON.stringify(name)).join(", ")}`;
  return `the file has no header and ${source.count} columns, counted from 0 to ${source.count - 1}`;
}

function unknownColumn(source: SourceColumns, role: "user" | "item") {
  return dataFault("KDP7008", `no column is named as the ${role}`, {
    place: source.file,
    fix: `say which: \`${role}: "…"\`; ${listing(source)}`,
  });
}

/** Columns as a pipeline would name them: by the header's name where that is no index of another column, else by index. */
export function namesOf(source: SourceColumns, columns: ColumnIndexes): ColumnChoices {
  const name = (index: number | null): ColumnChoice => {
    const text = index === null ? undefined : source.names?.[index];
    const clear = text !== undefined && text !== "" && source.names?.indexOf(text) === index;
    return clear ? text : index;
  };
  const { user, item, rating, timestamp } = columns;
  return { user: name(user), item: name(item), rating: name(rating), timestamp: name(timestamp) };
}

/** For the report: `user = "userId", item = "movieId", rating = "rating"`. */
export function columnsNote(source: SourceColumns, columns: ColumnIndexes): string {
  const parts = (["user", "item", "rating", "timestamp"] as const).flatMap((role) => {
    const index = columns[role];
    return index === null ? [] : [`${role} = ${source.names ? columnName(source, index) : `column ${index}`}`];
  });
  return parts.join(", ");
}
