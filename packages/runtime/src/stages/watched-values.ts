import { dataFault } from "../data/data-fault.js";
import { RuntimeFault } from "../faults.js";

/** @throws RuntimeFault KDP7104 when no user has an item in the valid events: nothing could be measured on them */
export function requireValidUsers(users: number, node: string): void {
  if (users > 0) return;
  throw dataFault("KDP7104", "no user has an item in the valid events, so there is nothing to validate by", {
    place: node,
    fix: "give the valid part a larger share, or leave `valid:` and `early_stop:` out",
  });
}

/**
 * An epoch cannot be chosen by a metric that has no value: without this the last one would be kept, as if it were the best.
 * @param watched keys of `early_stop` and `keep_best`
 * @throws RuntimeFault KDP7110
 */
export function requireWatchedValues(
  values: Readonly<Record<string, number>>,
  {
    watched,
    earlyStop,
    node,
  }: { readonly watched: readonly string[]; readonly earlyStop: string | null; readonly node: string },
): void {
  const key = watched.find((metric) => Number.isNaN(values[metric] ?? Number.NaN));
  if (key === undefined) return;
  const argument = key === earlyStop ? "early_stop" : "keep_best";
  throw new RuntimeFault({
    code: "KDP7110",
    kind: "user",
    message: `${key} has no value on the valid events, so \`${argument}\` cannot choose an epoch by it`,
    place: node,
    argument,
    fix: "choose by a metric that is measured on users with valid items, such as ndcg@10",
  });
}
