import type { Interactions, InteractionTable, RankingTable, Side } from "@kdp/plugin-api";
import type { Table } from "apache-arrow";
import type { StageInput } from "../stages/stage.js";
import { checkTable, type FieldSpec } from "./check-table.js";
import { INTERACTION_FIELDS, interactionsFromTable, toInteractions } from "./interactions.js";
import { RANKING_FIELDS, rankingFromTable } from "./rankings.js";
import { VOCABULARY_FIELDS, vocabularyFromTable, vocabularyTableName } from "./vocabulary.js";

/** Table of an unsplit data set. */
export const INTERACTIONS_TABLE = "interactions";

/** A table of an input, its schema checked. @param node the reading node, for the error. */
export function readTable(input: StageInput, name: string, fields: readonly FieldSpec[], node: string): Table {
  const table = input.artefact.table(name);
  checkTable(table, fields, { node, port: input.port, from: input.node, table: name });
  return table;
}

/** Rows of the events that an input stands for: a part of a split, or all of a data set. */
export const readEventRows = (input: StageInput, node: string): InteractionTable =>
  interactionsFromTable(readTable(input, input.output ?? INTERACTIONS_TABLE, INTERACTION_FIELDS, node));

/** The events of an input grouped by user. */
export function readEvents(input: StageInput, node: string): Interactions {
  const rows = readEventRows(input, node);
  return toInteractions(rows, rows.users, rows.items);
}

/** Another part of the split that an input belongs to; null for an unsplit data set. */
export function readSibling(input: StageInput, part: string, node: string): Interactions | null {
  return input.artefact.has(part) ? readEvents({ ...input, output: part }, node) : null;
}

/** Source ids of one side, by row. */
export const readVocabulary = (input: StageInput, side: Side, node: string): string[] =>
  vocabularyFromTable(readTable(input, vocabularyTableName(side), VOCABULARY_FIELDS, node));

export const readRanking = (input: StageInput, name: string, node: string): RankingTable =>
  rankingFromTable(readTable(input, name, RANKING_FIELDS, node));
