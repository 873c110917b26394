import type { Side } from "@kdp/plugin-api";
import type { Table } from "apache-arrow";
import type { FieldSpec } from "./check-table.js";
import { tableOf, utf8Column, utf8Data, utf8DataOf } from "./columns.js";

/** Source ids by row: table `user-ids` or `item-ids` with one column `id: utf8`. */
export const VOCABULARY_FIELDS: readonly FieldSpec[] = [{ name: "id", type: "Utf8" }];

export const vocabularyTableName = (side: Side): string => `${side}-ids`;

export const vocabularyToTable = (ids: readonly string[]): Table => tableOf({ id: utf8DataOf(ids) });

/** From the bytes of all ids, one after the other, with their offsets `[n + 1]`. */
export const vocabularyBytesToTable = (bytes: Uint8Array, offsets: Int32Array): Table =>
  tableOf({ id: utf8Data(bytes, offsets) });

export const vocabularyFromTable = (table: Table): string[] => utf8Column(table, "id");

/** Finds the row of a source id; -1 when the universe does not hold it. */
export function rowLookup(ids: readonly string[]): (id: string) => number {
  const rows = new Map(ids.map((id, row) => [id, row]));
  return (id) => rows.get(id) ?? -1;
}
