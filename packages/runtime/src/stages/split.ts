import type { InteractionTable, SplitDefinition, SplitRows } from "@kdp/plugin-api";
import type { Table } from "apache-arrow";
import { buildGivenSplit } from "../data/build-given-split.js";
import { counted, dataFault, dataNote } from "../data/data-fault.js";
import { RuntimeFault } from "../faults.js";
import { callPlugin } from "../plugins/plugin-call.js";
import { createStreams } from "../random/streams.js";
import { interactionsToTable, takeRows } from "../tables/interactions.js";
import { readEventRows, readTable } from "../tables/read-input.js";
import { VOCABULARY_FIELDS, vocabularyBytesToTable, vocabularyTableName } from "../tables/vocabulary.js";
import { optionalBoolean, optionalColumn, optionalNumber, optionalString } from "./params.js";
import { inputOf, type StageContext, type StageExecutor } from "./stage.js";

interface Parts {
  readonly train: InteractionTable;
  readonly valid: InteractionTable;
  readonly test: InteractionTable;
  readonly userIds: Table;
  readonly itemIds: Table;
  readonly notes: readonly string[];
}

/** A split: tables `train`, `valid`, `test`, `user-ids`, `item-ids` over one universe. */
export const run: StageExecutor = async (context) => {
  const { node, output, plugins } = context;
  const definition = await plugins.split(node.plugin, node.stage);
  const parts = definition.source ? await givenParts(context) : await splitParts(context, definition);
  const { train, valid, test } = parts;
  if (train.user.length === 0) {
    throw dataFault("KDP7104", "the split leaves no interaction to train on", {
      place: node.id,
      fix: "give `train` a larger share, or use users with more interactions",
    });
  }
  for (const [name, table] of Object.entries({ train, valid, test })) output.table(name, interactionsToTable(table));
  output.table(vocabularyTableName("user"), parts.userIds);
  output.table(vocabularyTableName("item"), parts.itemIds);
  const coldValid = unseenItems(train, valid);
  const coldTest = unseenItems(train, test);
  const testUsers = distinctUsers(test);
  output.facts({
    users: train.users,
    items: train.items,
    train: train.user.length,
    valid: valid.user.length,
    test: test.user.length,
    users_with_valid: distinctUsers(valid),
    users_with_test: testUsers,
    cold_valid: coldValid,
    cold_test: coldTest,
  });
  for (const note of parts.notes) output.note(note);
  if (coldTest > 0) {
    output.note(
      dataNote("KDP7103", `${counted(coldTest, "test interaction")} of items that training never saw (they count)`),
    );
  }
  if (testUsers < train.users) {
    output.note(dataNote("KDP7108", `${counted(train.users - testUsers, "user has", "users have")} no test item`));
  }
};

async function givenParts({ node, files }: StageContext): Promise<Parts> {
  const { params } = node;
  const { train, valid, test, items } = files;
  if (!train || !valid || !test) throw new Error(`node ${node.id} lacks one of the files train, valid, test`);
  const given = await buildGivenSplit({ train, valid, test }, items ?? null, {
    columns: {
      user: optionalColumn(params, "user"),
      item: optionalColumn(params, "item"),
      rating: optionalColumn(params, "rating"),
      timestamp: optionalColumn(params, "timestamp"),
    },
    header: optionalBoolean(params, "header"),
    delimiter: optionalString(params, "delimiter"),
  });
  return {
    ...given.parts,
    userIds: vocabularyBytesToTable(given.userIds.bytes, given.userIds.offsets),
    itemIds: vocabularyBytesToTable(given.itemIds.bytes, given.itemIds.offsets),
    notes: given.notes,
  };
}

async function splitParts(context: StageContext, definition: SplitDefinition): Promise<Parts> {
  const { node } = context;
  const input = inputOf(context, "dataset");
  const table = readEventRows(input, node.id);
  if (definition.needsTime && table.timestamp === null) {
    throw dataFault("KDP7008", `${node.stage} needs time stamps, and the data set has none`, {
      place: node.id,
      fix: "name their column: `dataset(…, timestamp: …)`",
    });
  }
  const { split } = definition;
  if (!split) throw new Error(`split ${node.stage} of ${node.plugin} has no code`);
  const rows = await callPlugin(node.id, () =>
    split({
      params: node.params as never,
      table,
      streams: createStreams(optionalNumber(node.params, "seed") ?? 0, node.stage),
    }),
  );
  checkRows(context, rows, table.user.length);
  return {
    train: takeRows(table, rows.train),
    valid: takeRows(table, rows.valid),
    test: takeRows(table, rows.test),
    userIds: readTable(input, vocabularyTableName("user"), VOCABULARY_FIELDS, node.id),
    itemIds: readTable(input, vocabularyTableName("item"), VOCABULARY_FIELDS, node.id),
    notes: rows.notes,
  };
}

/** A row in two parts would let training see what is tested. */
function checkRows({ node }: StageContext, rows: SplitRows, count: number): void {
  const taken = new Uint8Array(count);
  for (const part of ["train", "valid", "test"] as const) {
    for (const row of rows[part]) {
      const problem = taken[row] === undefined ? "does not exist" : taken[row] === 1 ? "is in two parts" : null;
      if (problem) {
        throw new RuntimeFault({
          code: "KDP8007",
          kind: "run",
          message: `split ${node.stage} of plugin ${node.plugin} gave row ${row} to ${part}, which ${problem}`,
          place: node.id,
          fix: `this is an error of the plugin ${node.plugin}; tell its authors`,
        });
      }
      taken[row] = 1;
    }
  }
}

function unseenItems(train: InteractionTable, held: InteractionTable): number {
  const seen = new Uint8Array(train.items);
  for (const item of train.item) seen[item] = 1;
  return held.item.reduce((count, item) => count + (seen[item] ? 0 : 1), 0);
}

function distinctUsers(table: InteractionTable): number {
  const seen = new Uint8Array(table.users);
  for (const user of table.user) seen[user] = 1;
  return seen.reduce((sum, flag) => sum + flag, 0);
}
