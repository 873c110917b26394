import type { FileTables } from "@kdp/plugin-api";
import { atLine, dataFault } from "../data-fault.js";
import { readBytes } from "../open-bytes.js";
import { type RawColumn, scalarOf, sortColumns } from "./list-columns.js";

/** Name of the ids where a file maps each to its list. */
const KEY_COLUMN = "id";
/** Name of the lists there. */
const LIST_COLUMN = "list";

/**
 * A JSON file in any of four shapes: an array of objects, an object of columns, an object that maps ids to lists
 * (`{"42": ["7", "9"]}`), or one object per line.
 * @throws RuntimeFault KDP7002 no rows, KDP7007 with the line of a syntax error, KDP7010 another shape
 */
export async function readJsonTables(path: string, gzip: boolean): Promise<FileTables> {
  const parts: Buffer[] = [];
  for await (const chunk of readBytes(path, gzip)) parts.push(chunk);
  const text = Buffer.concat(parts).toString("utf8");
  const value = parse(path, text);
  if (Array.isArray(value)) return fromObjects(path, value);
  if (typeof value === "object" && value !== null) return fromObject(path, value as Record<string, unknown>);
  throw otherShape(path);
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const lines = text.split("\n");
    const objects: unknown[] = [];
    for (const [i, line] of lines.entries()) {
      if (line.trim() === "") continue;
      try {
        objects.push(JSON.parse(line));
      } catch {
        // A file that is one value, broken, is told by its own error; lines of objects by the line.
        const place = objects.length > 0 ? atLine(path, i + 1) : path;
        throw dataFault("KDP7007", `this is no JSON: ${(cause as Error).message}`, {
          place,
          fix: "write one JSON value, or one object per line",
          cause,
        });
      }
    }
    return objects;
  }
}

function fromObjects(path: string, rows: readonly unknown[]): FileTables {
  if (rows.length === 0)
    throw dataFault("KDP7002", "the file holds no rows", { place: path, fix: "check how it was made" });
  const names = new Set<string>();
  for (const [i, row] of rows.entries()) {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw dataFault("KDP7010", `element ${i + 1} is no object`, { place: path, fix: SHAPES });
    }
    for (const name of Object.keys(row)) names.add(name);
  }
  const columns = [...names].map((name) => [name, rows.map((row) => cell((row as Record<string, unknown>)[name]))]);
  return sortColumns(path, Object.fromEntries(columns) as Record<string, RawColumn>);
}

function fromObject(path: string, object: Record<string, unknown>): FileTables {
  const entries = Object.entries(object);
  const lengths = new Set(entries.map(([, value]) => (Array.isArray(value) ? value.length : -1)));
  if (entries.length === 0)
    throw dataFault("KDP7002", "the file holds no rows", { place: path, fix: "check how it was made" });
  if (lengths.has(-1)) throw otherShape(path);
  if (looksLikeColumns(entries.map(([name]) => name)) && lengths.size === 1) {
    return sortColumns(
      path,
      Object.fromEntries(entries.map(([name, value]) => [name, (value as unknown[]).map(cell)])) as Record<
        string,
        RawColumn
      >,
    );
  }
  return sortColumns(path, {
    [KEY_COLUMN]: entries.map(([key]) => key),
    [LIST_COLUMN]: entries.map(([, value]) => (value as unknown[]).map(scalarOf)),
  });
}

/** Columns have names that say what they are; ids may be anything. */
const looksLikeColumns = (names: readonly string[]): boolean =>
  names.some((name) => /^(user|item)s?(_?ids?)?$|^(id|score|rank|rating)s?$/i.test(name));

const cell = (value: unknown): unknown => (Array.isArray(value) ? value.map(scalarOf) : scalarOf(value));

const SHAPES = 'write [{"user": …, "item": …}, …], {"user": […], "item": […]}, or {"<user>": [items, …]}';

const otherShape = (path: string) => dataFault("KDP7010", "this JSON is no table", { place: path, fix: SHAPES });
