import type { EnsembleDefinition } from "../ensemble.js";
import type { Kernels } from "../kernels.js";
import type { RankingTable } from "../loss.js";
import { check } from "./check.js";
import { resolveParams } from "./resolve-params.js";
import { sampleWorld } from "./sample-world.js";

/** Checks what a crowd makes of two teachers: a valid ranking, the same each time. */
export function checkEnsemble(
  ensemble: EnsembleDefinition,
  kernels: Kernels,
  params: Readonly<Record<string, unknown>>,
): void {
  const world = sampleWorld({ users: 8, items: 24, ranking: 10 });
  const combine = (): RankingTable =>
    ensemble.combine({
      params: resolveParams(ensemble.params, params),
      users: world.users,
      items: world.items,
      train: world.train,
      members: world.teachers,
      kernels,
    } as Parameters<EnsembleDefinition["combine"]>[0]);
  const ranking = combine();
  check(ranking.rows === world.users, `${ranking.rows} rows for ${world.users} users`);
  check(ranking.ids.length === ranking.rows * ranking.k, "ids are not [users, k]");
  for (let user = 0; user < world.users; user++) {
    const row = [...ranking.ids.subarray(user * ranking.k, (user + 1) * ranking.k)];
    const end = row.indexOf(-1);
    const listed = end < 0 ? row : row.slice(0, end);
    check(end < 0 || row.slice(end).every((id) => id === -1), `user ${user}: ids after the end of the list`);
    check(listed.length > 0, `user ${user}: no item, though both members rank some`);
    check(
      listed.every((id) => id >= 0 && id < world.items),
      `user ${user}: ids outside the catalogue`,
    );
    check(new Set(listed).size === listed.length, `user ${user}: an item twice`);
    const known = world.train.itemIds.subarray(world.train.offsets[user], world.train.offsets[user + 1]);
    check(!listed.some((id) => known.includes(id)), `user ${user}: a training item`);
    const scores = [...(ranking.scores?.subarray(user * ranking.k, user * ranking.k + listed.length) ?? [])];
    check(
      scores.every((s, i) => i === 0 || s <= (scores[i - 1] as number)),
      `user ${user}: scores that do not fall`,
    );
  }
  check(combine().ids.join() === ranking.ids.join(), "two calls give different rankings");
}
