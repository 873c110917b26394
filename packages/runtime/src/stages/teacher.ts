import type { Interactions, RankingTable, Side, TeacherDefinition, TeacherTables } from "@kdp/plugin-api";
import { counted, dataFault, dataNote } from "../data/data-fault.js";
import { readFileTables } from "../data/files/read-file-tables.js";
import { readIds } from "../data/id-list.js";
import { RuntimeFault } from "../faults.js";
import { callPlugin } from "../plugins/plugin-call.js";
import { matrixToTable } from "../tables/factors.js";
import { RANKING_TABLE, rankingToTable } from "../tables/rankings.js";
import { readEvents, readVocabulary } from "../tables/read-input.js";
import { rowLookup } from "../tables/vocabulary.js";
import { embeddingTableName } from "../teachers/open-teacher.js";
import { rankByEmbeddings, zeroRows } from "../teachers/rank-embeddings.js";
import { rankPairs } from "../teachers/rank-pairs.js";
import { writeUniverse } from "../teachers/universe.js";
import { optionalNumber } from "./params.js";
import { inputOf, type StageContext, type StageExecutor } from "./stage.js";

/** Length of a ranking by embeddings when the stage has no argument `top`. */
const DEFAULT_TOP = 500;

/**
 * A teacher read from files: the table `ranking` of its pairs (or of the inner products of its embeddings), and the tables
 * `embedding.user`, `embedding.item` where it has them.
 */
export const run: StageExecutor = async (context) => {
  const { node, output, plugins } = context;
  const definition = await plugins.teacher(node.plugin, node.stage);
  const events = inputOf(context, "events");
  const train = readEvents(events, node.id);
  const tables = await readTables(context, definition, train);
  for (const note of tables.notes) output.note(note);
  const top = Math.min(optionalNumber(node.params, "top") ?? DEFAULT_TOP, train.items);

  if (tables.embeddings) writeEmbeddings(context, tables.embeddings, train);
  const ranking = tables.pairs
    ? pairsRanking(context, tables.pairs, train, { top, scored: definition.views.includes("scores") })
    : rankByEmbeddings(await context.kernels(), tables.embeddings ?? null, train, top);
  if (ranking) {
    // Order only, where the teacher says that it has no scores.
    const scores = definition.views.includes("scores") ? ranking.scores : null;
    output.table(RANKING_TABLE, rankingToTable({ ...ranking, scores }));
    output.facts({ top: ranking.k });
  }
  writeUniverse(output, events, node.id);
  output.facts({ teacher: "file", users: train.users, items: train.items });
};

function readTables(context: StageContext, definition: TeacherDefinition, train: Interactions): Promise<TeacherTables> {
  const { node, files } = context;
  const events = inputOf(context, "events");
  const lookup = {
    user: rowLookup(readVocabulary(events, "user", node.id)),
    item: rowLookup(readVocabulary(events, "item", node.id)),
  };
  // The plugin knows a file as it is written; the plan has found it.
  const found = (path: string): string => {
    const argument = Object.keys(files).find((name) => node.params[name] === path);
    const absolute = argument === undefined ? undefined : files[argument];
    if (absolute === undefined) throw new Error(`"${path}" is no file of node ${node.id}`);
    return absolute;
  };
  return callPlugin(node.id, () =>
    definition.read({
      params: node.params as never,
      users: train.users,
      items: train.items,
      rowOf: (side, id) => lookup[side](id),
      file: async (path) => readFileTables(found(path)),
      ids: async (path, side) => readIds(found(path), side),
    }),
  );
}

function pairsRanking(
  { node, output }: StageContext,
  pairs: NonNullable<TeacherTables["pairs"]>,
  train: Interactions,
  { top, scored }: { readonly top: number; readonly scored: boolean },
): RankingTable {
  if (pairs.score.some((score) => Number.isNaN(score))) {
    throw dataFault("KDP7203", "the scores of the teacher hold NaN", {
      place: node.id,
      fix: "remove these rows; nothing can be ranked by them",
    });
  }
  const ranked = rankPairs(pairs, train, top);
  if (ranked.usersWithout === train.users) {
    throw dataFault("KDP7202", "no pair of the teacher is left: none is of a known user and an unseen item", {
      place: node.id,
      fix: "give a teacher for the users and items of this data",
    });
  }
  const unnamed = train.items - new Set(pairs.item.filter((item) => item >= 0)).size;
  const lines: [number, string][] = [
    [ranked.seen, `${counted(ranked.seen, "pair")} of training items left out`],
    [
      ranked.repeated,
      dataNote("KDP7101", `${counted(ranked.repeated, "repeated pair")} left out, the better one kept`),
    ],
    [ranked.usersWithout, dataNote("KDP7207", `${counted(ranked.usersWithout, "user has", "users have")} no list`)],
    // Lists of the best items name few of a long tail: no reason for a warning.
    [unnamed, `${counted(unnamed, "item of the data is", "items of the data are")} in no pair of the file`],
    [
      ranked.shortLists,
      dataNote(
        "KDP7204",
        `${counted(ranked.shortLists, "user has", "users have")} fewer than ${ranked.ranking.k} items`,
      ),
    ],
  ];
  if (scored && ranked.flatUsers > 0) {
    const who = counted(ranked.flatUsers, "user has", "users have");
    lines.push([
      ranked.flatUsers,
      dataNote("KDP7205", `${who} equal scores for all items: the order of the file counts`),
    ]);
  }
  for (const [count, line] of lines) if (count > 0) output.note(line);
  return ranked.ranking;
}

function writeEmbeddings(
  { node, output }: StageContext,
  embeddings: NonNullable<TeacherTables["embeddings"]>,
  train: Interactions,
): void {
  for (const side of ["user", "item"] as const) {
    const matrix = embeddings[side];
    if (!matrix) continue;
    const rows = side === "user" ? train.users : train.items;
    checkMatrix(node.id, side, matrix, rows);
    output.table(embeddingTableName(side), matrixToTable({ rows, ...matrix }));
    output.facts({ [`${side}_dimensions`]: matrix.cols });
    const missing = zeroRows(matrix).reduce((sum, zero) => sum + zero, 0);
    if (missing > 0) {
      output.note(dataNote("KDP7207", `${counted(missing, side)} without an embedding: a row of zeros`));
    }
  }
}

function checkMatrix(
  node: string,
  side: Side,
  { cols, values }: { readonly cols: number; readonly values: Float32Array },
  rows: number,
): void {
  if (values.length !== rows * cols) {
    throw new RuntimeFault({
      code: "KDP7206",
      kind: "user",
      message: `the ${side} embeddings hold ${values.length} numbers, not ${rows} x ${cols}`,
      place: node,
      fix: "give one row for each",
    });
  }
  if (values.every((value) => Number.isFinite(value))) return;
  throw dataFault("KDP7203", `the ${side} embeddings hold NaN or infinite values`, {
    place: node,
    fix: "every number of an embedding must be finite",
  });
}
