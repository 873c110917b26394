import { expect, it } from "vitest";
import { requireValidUsers, requireWatchedValues } from "./watched-values.js";

const node = "student";

it("valid events of nobody are the user's fault", () => {
  expect(() => requireValidUsers(1, node)).not.toThrow();
  expect(() => requireValidUsers(0, node)).toThrow(
    expect.objectContaining({ data: expect.objectContaining({ code: "KDP7104", kind: "user", place: node }) }),
  );
});

it("a metric that is watched must have a value; others need not", () => {
  const values = { "ndcg@10": 0, "tail_recall@5": Number.NaN };
  const check = (watched: readonly string[], earlyStop: string | null) => () =>
    requireWatchedValues(values, { watched, earlyStop, node });
  expect(check(["ndcg@10"], "ndcg@10")).not.toThrow();
  expect(check([], null)).not.toThrow();
  const fault = (argument: string, key: string) =>
    expect.objectContaining({
      data: expect.objectContaining({
        code: "KDP7110",
        kind: "user",
        argument,
        message: `${key} has no value on the valid events, so \`${argument}\` cannot choose an epoch by it`,
      }),
    });
  expect(check(["tail_recall@5", "ndcg@10"], "tail_recall@5")).toThrow(fault("early_stop", "tail_recall@5"));
  expect(check(["ndcg@10", "tail_recall@5"], "ndcg@10")).toThrow(fault("keep_best", "tail_recall@5"));
  expect(check(["hit@1"], "hit@1")).toThrow(fault("early_stop", "hit@1"));
});
