import type { Interactions, InteractionTable, RankingTable, Side } from "@kdp/plugin-api";
import type { Table } from "apache-arrow";
import { collectGarbage } from "../memory/collect-garbage.js";
import type { StageInput } from "../stages/stage.js";
import { checkTable, type FieldSpec } from "./check-table.js";
import { INTERACTION_FIELDS, interactionsFromTable, toInteractions } from "./interactions.js";
import { RANKING_FIELDS, rankingFromTable } from "./rankings.js";
import { VOCABULARY_FIELDS, vocabularyFromTable, vocabularyTableName } from "./vocabulary.js";

/** Table of an unsplit data set. */
export const INTERACTIONS_TABLE = "interactions";

/** A table of an input, its schema checked. @param node the reading node, for the error. */
export function readTable(
  input: StageInput,
  name: string,
  fields: readonly FieldSpec[],
  node: string,
  how?: "once",
): Table {
  const table = input.artefact.table(name, how);
  checkTable(table, fields, { node, port: input.port, from: input.node, table: name });
  return table;
}

/** Rows of the events that an input stands for: a part of a split, or all of a data set. */
export function readEventRows(input: StageInput, node: string): InteractionTable {
  if (eventBytes(input) >= LARGE) collectGarbage();
  return interactionsFromTable(readTable(input, input.output ?? INTERACTIONS_TABLE, INTERACTION_FIELDS, node));
}

/** Bytes of events from which on what was read is collected at once. */
const LARGE = 32 << 20;

/** The events of an input grouped by user. */
export function readEvents(input: StageInput, node: string): Interactions {
  const bytes = eventBytes(input);
  // Of a large table the file and the grouping's own arrays are several times what comes out.
  if (bytes >= LARGE) collectGarbage();
  const grouped = groupEvents(input, node);
  if (bytes >= LARGE) collectGarbage();
  return grouped;
}

/** On its own, so that nothing of the table is on the stack when garbage is collected. */
function groupEvents(input: StageInput, node: string): Interactions {
  const name = input.output ?? INTERACTIONS_TABLE;
  const rows = interactionsFromTable(readTable(input, name, INTERACTION_FIELDS, node, "once"));
  return toInteractions(rows, rows.users, rows.items);
}

const eventBytes = ({ artefact, output }: StageInput): number =>
  artefact.meta.tables.find(({ name }) => name === (output ?? INTERACTIONS_TABLE))?.bytes ?? 0;

/** Another part of the split that an input belongs to; null for an unsplit data set. */
export function readSibling(input: StageInput, part: string, node: string): Interactions | null {
  return input.artefact.has(part) ? readEvents({ ...input, output: part }, node) : null;
}

/** Source ids of one side, by row. */
export const readVocabulary = (input: StageInput, side: Side, node: string): string[] =>
  vocabularyFromTable(readTable(input, vocabularyTableName(side), VOCABULARY_FIELDS, node));

export const readRanking = (input: StageInput, name: string, node: string): RankingTable =>
  rankingFromTable(readTable(input, name, RANKING_FIELDS, node));
