import type { MetricDefinition } from "@kdp/plugin-api";
import plugin from "@kdp/plugins";
import { expect, it } from "vitest";
import { runStage } from "../../test/support/stage-harness.js";
import { METRICS_TABLE, metricsToTable } from "../tables/metrics.js";
import { run as runBestOf } from "./best-of.js";
import type { StageExecutor } from "./stage.js";

const ndcg = plugin.metrics?.ndcg as MetricDefinition;

/** Measured: one value of ndcg@10, or none. */
const measured = (value: number | null) => {
  const write: StageExecutor = async ({ output }) => {
    const rows = value === null ? [] : [{ metric: "ndcg", cutoff: 10, group: "all", value, epoch: null }];
    output.table(METRICS_TABLE, metricsToTable(rows));
  };
  return runStage(write, { stage: "evaluate", kind: "core" });
};
const model = (dim: number) =>
  runStage(async ({ output }) => output.facts({ dim }), { stage: `m${dim}`, kind: "model" });

async function bestOf(values: readonly (number | null)[]) {
  const models = await Promise.all(values.map((_, i) => model(i)));
  const picks = await Promise.all(values.map(measured));
  return runStage(runBestOf, {
    stage: "best_of",
    kind: "core",
    plugins: [plugin],
    params: { by: "ndcg@10", over: ["seed"] },
    inputs: [...models.map((each) => ["candidates", each] as const), ...picks.map((each) => ["by", each] as const)],
  });
}

it("the best value wins, the first of equal ones, and NaN or a missing value never", async () => {
  expect(ndcg.higherIsBetter).toBe(true);
  expect((await bestOf([0.1, 0.3, 0.2])).facts).toMatchObject({ dim: 1, winner: 1 });
  expect((await bestOf([Number.NaN, 0.3, 0.3, null])).facts).toMatchObject({
    dim: 1,
    winner: 1,
    values: ["not a number", 0.3, 0.3, "not a number"],
  });
});

it("KDP7110 when no candidate has a value", async () => {
  await expect(bestOf([Number.NaN, null])).rejects.toMatchObject({
    data: { code: "KDP7110", kind: "user", place: "best_of", message: "no candidate has a value of ndcg@10" },
  });
});
