import type { InteractionTable } from "@kdp/plugin-api";
import { takeRows } from "../tables/interactions.js";
import { newIdSink } from "./build-dataset.js";
import type { PackedIds } from "./byte-vocabulary.js";
import { counted, dataNote } from "./data-fault.js";
import { type FirstPairs, firstPairs } from "./first-pairs.js";
import { readIds } from "./id-list.js";
import type { ReadOptions } from "./interaction-source.js";
import { readInteractionFile } from "./read-interactions.js";

const PARTS = ["train", "valid", "test"] as const;
type PartName = (typeof PARTS)[number];

export interface GivenSplit {
  readonly parts: Readonly<Record<PartName, InteractionTable>>;
  readonly userIds: PackedIds;
  readonly itemIds: PackedIds;
  readonly notes: readonly string[];
}

/**
 * Reads a ready-made split. Users and items are numbered in the order of first appearance in train, valid, test, then in the
 * list of further items. A pair that is in several files stays in the first of them, so that nothing held out was seen.
 * @throws RuntimeFault KDP7001–KDP7012 with the file.
 */
export async function buildGivenSplit(
  files: Readonly<Record<PartName, string>>,
  items: string | null,
  options: ReadOptions,
): Promise<GivenSplit> {
  const ids = newIdSink();
  const notes: string[] = [];
  const raw: Record<string, Omit<InteractionTable, "users" | "items">> = {};
  for (const part of PARTS) {
    const read = await readInteractionFile(files[part], ids, options);
    raw[part] = read.rows.columns();
    notes.push(...read.notes.map((note) => `${part}: ${note}`));
  }
  if (items !== null) {
    const before = ids.items.size;
    for (const id of await readIds(items, "item")) ids.items.internText(id);
    notes.push(`${counted(ids.items.size - before, "item")} of the universe in no part`);
  }
  const universe = { users: ids.users.size, items: ids.items.size };
  const tables = PARTS.map((part) => ({ ...universe, ...(raw[part] as Omit<InteractionTable, "users" | "items">) }));
  const kept = firstPairs(tables, universe);
  const parts = Object.fromEntries(
    PARTS.map((part, i) => {
      const table = tables[i] as InteractionTable;
      const { rows, repeated, overlapping } = kept[i] as FirstPairs;
      if (repeated > 0) {
        notes.push(dataNote("KDP7101", `${part}: ${counted(repeated, "repeated pair")} left out, the first kept`));
      }
      if (overlapping > 0) {
        const earlier = part === "valid" ? "train" : "train or valid";
        notes.push(dataNote("KDP7109", `${counted(overlapping, "pair")} of ${part} left out: also in ${earlier}`));
      }
      return [part, rows.length === table.user.length ? table : takeRows(table, rows)];
    }),
  ) as Record<PartName, InteractionTable>;
  return { parts, userIds: ids.users.packed(), itemIds: ids.items.packed(), notes };
}
