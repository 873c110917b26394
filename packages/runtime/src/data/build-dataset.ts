import type { InteractionTable } from "@kdp/plugin-api";
import { takeRows } from "../tables/interactions.js";
import { ByteVocabulary, type PackedIds } from "./byte-vocabulary.js";
import { counted, dataFault, dataNote } from "./data-fault.js";
import { type Filters, filterInteractions, renumber } from "./filter-interactions.js";
import type { IdSink, ReadOptions } from "./interaction-source.js";
import { readInteractionFile } from "./read-interactions.js";

export interface BuiltDataset {
  readonly table: InteractionTable;
  readonly userIds: PackedIds;
  readonly itemIds: PackedIds;
  readonly notes: readonly string[];
  readonly facts: Readonly<Record<string, string | number>>;
}

export const newIdSink = (): IdSink => ({ users: new ByteVocabulary(), items: new ByteVocabulary() });

/**
 * Reads a source and applies the filters of `dataset(...)`. Ids are numbered in the order of first appearance among the
 * rows that stay.
 * @throws RuntimeFault KDP7001–KDP7012 reading, KDP7008 `min_rating` without ratings, KDP7104 nothing left.
 */
export async function buildDataset(path: string, options: ReadOptions, filters: Filters): Promise<BuiltDataset> {
  const ids = newIdSink();
  const read = await readInteractionFile(path, ids, options);
  const columns = read.rows.columns();
  const raw = { users: ids.users.size, items: ids.items.size, ...columns };
  if (filters.minRating !== null && raw.rating === null) {
    throw dataFault("KDP7008", "`min_rating` needs ratings, and no column of the file holds any", {
      place: path,
      fix: "name the column (`rating: …`), or leave `min_rating` out",
    });
  }
  const { rows, belowRating, duplicates } = filterInteractions(raw, filters);
  if (rows.length === 0) {
    throw dataFault("KDP7104", `none of ${counted(raw.user.length, "interaction")} passes the filters`, {
      place: path,
      fix: "lower `min_rating`, `min_interactions`, `min_item_interactions` or `core`",
    });
  }
  const users = renumber(raw.user, rows, raw.users);
  const items = renumber(raw.item, rows, raw.items);
  const kept = rows.length === raw.user.length ? raw : takeRows(raw, rows);
  // In place: nobody else holds these columns, and a copy of each would be needed for a moment only.
  relabel(kept.user, users.to);
  relabel(kept.item, items.to);
  const table = { ...kept, users: users.kept.length, items: items.kept.length };
  const single = singleInteractionUsers(table);
  const filtered = raw.user.length - belowRating - duplicates - rows.length;
  const notes = [
    ...read.notes,
    ...(belowRating > 0 ? [`${counted(belowRating, "interaction")} below min_rating left out`] : []),
    ...(duplicates > 0
      ? [dataNote("KDP7101", `${counted(duplicates, "repeated pair")} of user and item left out, the first kept`)]
      : []),
    ...(filtered > 0 ? [`${counted(filtered, "interaction")} of rare users or items left out`] : []),
    ...(single > 0 ? [dataNote("KDP7102", `${counted(single, "user has", "users have")} a single interaction`)] : []),
  ];
  return {
    table,
    userIds: ids.users.packed(users.kept),
    itemIds: ids.items.packed(items.kept),
    notes,
    facts: {
      format: read.format,
      rows: raw.user.length,
      users: table.users,
      items: table.items,
      interactions: table.user.length,
      duplicates,
      below_min_rating: belowRating,
      users_with_one_interaction: single,
    },
  };
}

function relabel(ids: Int32Array, to: Int32Array): void {
  for (let i = 0; i < ids.length; i++) ids[i] = to[ids[i] as number] as number;
}

function singleInteractionUsers(table: InteractionTable): number {
  const counts = new Int32Array(table.users);
  for (const user of table.user) counts[user] = (counts[user] as number) + 1;
  return counts.reduce((sum, count) => sum + (count === 1 ? 1 : 0), 0);
}
