import type { Interactions } from "@kdp/plugin-api";
import type { StageInput } from "../stages/stage.js";
import type { ArtefactWriter } from "../store/artefact.js";
import { interactionsToTable } from "../tables/interactions.js";
import { readEventRows, readEvents, readTable } from "../tables/read-input.js";
import { VOCABULARY_FIELDS, vocabularyTableName } from "../tables/vocabulary.js";

/** Table of the events that a teacher learned from. */
const TRAIN_TABLE = "train";
const SIDES = ["user", "item"] as const;

/**
 * Every teacher (model, crowd, ranking, file) carries the events that it learned from and the ids of its universe:
 * whatever is made of it later must leave the same items out and mean the same rows.
 * @param source input that holds them: the events of a model, or another teacher
 */
export function writeUniverse(output: ArtefactWriter, source: StageInput, node: string): void {
  const rows = readEventRows(source, node);
  output.table(TRAIN_TABLE, interactionsToTable({ ...rows, rating: null, timestamp: null }));
  for (const side of SIDES) {
    const name = vocabularyTableName(side);
    output.table(name, readTable(source, name, VOCABULARY_FIELDS, node));
  }
}

/** A teacher as a source of {@link writeUniverse}. */
export const asSource = (teacher: StageInput): StageInput => ({ ...teacher, output: TRAIN_TABLE });

/** The events that a teacher learned from, grouped by user. */
export const readTrain = (teacher: StageInput, node: string): Interactions => readEvents(asSource(teacher), node);
