import { counted, dataNote } from "../data/data-fault.js";
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
  const teacher = await openTeacher(input, { plugins, kernels, node: node.id });
  const { users, items } = teacher.train;

  const top = requiredNumber(node.params, "top");
  if (top > items) output.note(dataNote("KDP7105", `the catalogue has ${counted(items, "item")}, so top is ${items}`));
  const ranking = teacher.rankItems(Math.min(top, items));
  output.table(RANKING_TABLE, rankingToTable(ranking));
  const short = shortLists(ranking.ids, ranking.k);
  if (short > 0) {
    output.note(
      dataNote("KDP7204", `${counted(short, "user has", "users have")} fewer than ${ranking.k} items to rank`),
    );
  }

  const itemTop = optionalNumber(node.params, "item_top");
  if (itemTop !== null) {
    if (itemTop > users) {
      output.note(dataNote("KDP7105", `there are ${counted(users, "user")}, so item_top is ${users}`));
    }
    const itemRanking = teacher.rankUsers(Math.min(itemTop, users));
    output.table(ITEM_RANKING_TABLE, rankingToTable(itemRanking));
  }
  writeUniverse(output, asSource(input), node.id);
  output.facts({ teacher: "ranking", users, items, top: ranking.k, short_lists: short });
};

/** Lists that end before their last place. */
function shortLists(ids: Int32Array, k: number): number {
  let short = 0;
  for (let last = k - 1; last < ids.length; last += k) if (ids[last] === -1) short++;
  return short;
}
