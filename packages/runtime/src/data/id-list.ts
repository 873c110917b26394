import type { Side } from "@kdp/plugin-api";
import { atLine, dataFault } from "./data-fault.js";
import { namedDelimiter } from "./delimiter.js";
import { openFile, readBytes } from "./open-bytes.js";
import { RecordScanner } from "./record-scanner.js";

/** A first line that is no id. */
const HEADER = /^(user|item)s?_?ids?$/i;

/**
 * Reads ids in their order: a text file with one id per line (plain or gzip'd; a first line such as `item_id` is a header), a
 * JSON array, or a JSON object with an array for each side.
 * @throws RuntimeFault KDP7001–KDP7003, KDP7007 a line with several columns, KDP7010 another format or shape
 */
export async function readIds(path: string, side: Side): Promise<readonly string[]> {
  const { format, gzip } = await openFile(path);
  if (format === "json") return jsonIds(path, gzip, side);
  const tab = namedDelimiter("tab");
  if (format !== "delimited" || !tab) throw noList(path);
  const ids: string[] = [];
  let first = true;
  const scanner = new RecordScanner(path, tab, (record) => {
    if (record.count !== 1) {
      const place = atLine(path, record.line);
      throw dataFault("KDP7007", "this line holds several columns", { place, fix: "write one id per line" });
    }
    const id = record.text(0);
    if (!(first && HEADER.test(id))) ids.push(id);
    first = false;
  });
  for await (const chunk of readBytes(path, gzip)) scanner.push(chunk);
  scanner.end();
  return ids;
}

async function jsonIds(path: string, gzip: boolean, side: Side): Promise<readonly string[]> {
  const parts: Buffer[] = [];
  for await (const chunk of readBytes(path, gzip)) parts.push(chunk);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (cause) {
    throw dataFault("KDP7007", `this is no JSON: ${(cause as Error).message}`, {
      place: path,
      fix: "write a JSON array of ids, or a text file with one id per line",
      cause,
    });
  }
  const list = Array.isArray(value) ? value : (value as Record<string, unknown> | null)?.[side];
  if (!Array.isArray(list)) throw noList(path);
  return list.map(String);
}

const noList = (path: string) =>
  dataFault("KDP7010", "this is no list of ids", {
    place: path,
    fix: 'write one id per line, or JSON: ["7", "9"] or {"user": [...], "item": [...]}',
  });
