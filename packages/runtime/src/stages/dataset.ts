import { buildDataset } from "../data/build-dataset.js";
import { interactionsToTable } from "../tables/interactions.js";
import { INTERACTIONS_TABLE } from "../tables/read-input.js";
import { vocabularyBytesToTable, vocabularyTableName } from "../tables/vocabulary.js";
import { optionalBoolean, optionalColumn, optionalNumber, optionalString } from "./params.js";
import type { StageExecutor } from "./stage.js";

/** `dataset(source, …)`: tables `interactions`, `user-ids`, `item-ids`. */
export const run: StageExecutor = async ({ node, files, output }) => {
  const { params } = node;
  const path = files.source;
  if (path === undefined) throw new Error(`node ${node.id} has no file "source"`);
  const built = await buildDataset(
    path,
    {
      columns: {
        user: optionalColumn(params, "user"),
        item: optionalColumn(params, "item"),
        rating: optionalColumn(params, "rating"),
        timestamp: optionalColumn(params, "timestamp"),
      },
      header: optionalBoolean(params, "header"),
      delimiter: optionalString(params, "delimiter"),
    },
    {
      minRating: optionalNumber(params, "min_rating"),
      minInteractions: optionalNumber(params, "min_interactions"),
      minItemInteractions: optionalNumber(params, "min_item_interactions"),
      core: optionalNumber(params, "core"),
    },
  );
  output.table(INTERACTIONS_TABLE, interactionsToTable(built.table));
  output.table(vocabularyTableName("user"), vocabularyBytesToTable(built.userIds.bytes, built.userIds.offsets));
  output.table(vocabularyTableName("item"), vocabularyBytesToTable(built.itemIds.bytes, built.itemIds.offsets));
  output.facts(built.facts);
  for (const note of built.notes) output.note(note);
};
