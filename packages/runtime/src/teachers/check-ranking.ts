import type { Interactions, RankingTable } from "@kdp/plugin-api";
import { RuntimeFault } from "../faults.js";

/**
 * Checks the ranking that a plugin made: a row for each user, known items, none twice, none of training, nothing after the
 * end of a list.
 * @returns how many users have a list that ends early
 * @throws RuntimeFault KDP8007 blaming the plugin
 */
export function checkRanking(
  ranking: RankingTable,
  train: Interactions,
  maker: { readonly node: string; readonly plugin: string; readonly stage: string },
): number {
  const { rows, k, ids } = ranking;
  const fail = (problem: string): never => {
    throw new RuntimeFault({
      code: "KDP8007",
      kind: "run",
      message: `${maker.stage} of plugin ${maker.plugin} made a ranking in which ${problem}`,
      place: maker.node,
      fix: `this is an error of the plugin ${maker.plugin}; tell its authors`,
    });
  };
  if (rows !== train.users || ids.length !== rows * k)
    fail(`${rows} x ${k} rows hold ${ids.length} items of ${train.users} users`);
  const seen = new Int32Array(train.items).fill(-1);
  let short = 0;
  for (let user = 0; user < rows; user++) {
    for (let at = train.offsets[user] as number; at < (train.offsets[user + 1] as number); at++) {
      seen[train.itemIds[at] as number] = user;
    }
    const list = ids.subarray(user * k, (user + 1) * k);
    const end = list.indexOf(-1);
    if (end !== -1) {
      short++;
      if (list.subarray(end).some((item) => item !== -1)) fail(`the list of user ${user} goes on after its end`);
    }
    for (const item of end === -1 ? list : list.subarray(0, end)) {
      if (item < 0 || item >= train.items) fail(`user ${user} has item ${item} of ${train.items}`);
      if (seen[item] === user) fail(`user ${user} has item ${item} twice, or trained on it`);
      seen[item] = user;
    }
  }
  return short;
}
