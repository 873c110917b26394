import type { RankingTable } from "@kdp/plugin-api";
import { counted, dataNote } from "../data/data-fault.js";
import { nodeRanker } from "../ranking/node-ranker.js";
import { ITEM_RANKING_TABLE, RANKING_TABLE, rankingToTable } from "../tables/rankings.js";
import { openTeacher } from "../teachers/open-teacher.js";
import { asSource, writeUniverse } from "../teachers/universe.js";
import { optionalNumber, requiredNumber } from "./params.js";
import { inputOf, type StageExecutor } from "./stage.js";

/**
 * `rank(top: K)`: the table `ranking`, best items of each user, and with `item_top` the table `item-ranking`, best users of
 * each item; what was seen in training is left out of both.
 */
export const run: StageExecutor = async (context) => {
  const { node, output, plugins } = context;
  const input = inputOf(context, "teacher");
  const kernels = await context.kernels();
  const ranker = nodeRanker(context, kernels);
  const teacher = await openTeacher(input, { plugins, kernels, ranker, node: node.id });
  const { users, items } = teacher.train;

  const top = requiredNumber(node.params, "top");
  if (top > items) output.note(dataNote("KDP7105", `the catalogue has ${counted(items, "item")}, so top is ${items}`));
  const ranking = await teacher.rankItems(Math.min(top, items));
  output.table(RANKING_TABLE, rankingToTable(ranking));
  const short = shortLists(ranking.ids, ranking.k);
  if (short > 0) {
    output.note(
      dataNote("KDP7204", `${counted(short, "user has", "users have")} fewer than ${ranking.k} items to rank`),
    );
  }

  const flat = flatLists(ranking);
  if (flat > 0) {
    const who = counted(flat, "user has", "users have");
    output.note(dataNote("KDP7205", `${who} equal scores for all listed items: the order of the items' ids counts`));
  }

  const itemTop = optionalNumber(node.params, "item_top");
  if (itemTop !== null) {
    if (itemTop > users) {
      output.note(dataNote("KDP7105", `there are ${counted(users, "user")}, so item_top is ${users}`));
    }
    const itemRanking = await teacher.rankUsers(Math.min(itemTop, users));
    const few = shortLists(itemRanking.ids, itemRanking.k);
    if (few > 0) {
      const who = counted(few, "item has", "items have");
      output.note(dataNote("KDP7204", `${who} fewer than ${itemRanking.k} users to rank`));
    }
    output.table(ITEM_RANKING_TABLE, rankingToTable(itemRanking));
  }
  writeUniverse(output, asSource(input), node.id);
  output.facts({ teacher: "ranking", users, items, top: ranking.k, short_lists: short, ...ranker.facts() });
};

/** Lists of several items that the teacher does not tell apart. */
function flatLists({ k, rows, ids, scores }: RankingTable): number {
  if (!scores) return 0;
  let flat = 0;
  for (let from = 0; from < rows * k; from += k) {
    let last = from + k - 1;
    while (last > from && ids[last] === -1) last--;
    // Scores fall along a list.
    if (last > from && scores[from] === scores[last]) flat++;
  }
  return flat;
}

/** Lists that end before their last place. */
function shortLists(ids: Int32Array, k: number): number {
  let short = 0;
  for (let last = k - 1; last < ids.length; last += k) if (ids[last] === -1) short++;
  return short;
}
