import { type LossDefinition, type Plugin, trainingParams } from "@kdp/plugin-api";
import library from "@kdp/plugins";
import type { Scalar } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { instEval } from "../../test/support/shared-data.js";
import { type Ran, runStage, type StageCall } from "../../test/support/stage-harness.js";
import { curvesFromTable } from "../tables/curves.js";
import { matrixFromTable } from "../tables/factors.js";
import { metricKey, metricsFromTable } from "../tables/metrics.js";
import { rankingFromTable } from "../tables/rankings.js";
import { run as runDataset } from "./dataset.js";
import { run as runEvaluate } from "./evaluate.js";
import { run as runModel } from "./model.js";
import { run as runRank } from "./rank.js";
import { run as runSplit } from "./split.js";

const defaults = Object.fromEntries(Object.entries(trainingParams).map(([name, schema]) => [name, schema.default]));

/** Leave-one-out of InstEval, split once for all tests. */
const prepared = (async () => {
  const data = await runStage(runDataset, { stage: "dataset", kind: "core", files: { source: instEval } });
  return runStage(runSplit, {
    stage: "leave_one_out",
    kind: "split",
    plugin: library,
    params: { seed: 0 },
    inputs: [["dataset", data]],
  });
})();

async function model(stage: string, params: StageCall["params"] = {}, more: Partial<StageCall> = {}): Promise<Ran> {
  const split = await prepared;
  return runStage(runModel, {
    stage,
    kind: "model",
    plugin: library,
    ...more,
    params: { ...defaults, ...params },
    inputs: [["events", split, "train"], ...(more.inputs ?? [])],
  });
}

async function measure(ran: Ran, key: string, part: "valid" | "test", params = {}): Promise<Record<string, number>> {
  const metrics = await runStage(runEvaluate, {
    stage: "evaluate",
    kind: "core",
    params: { metrics: [key], candidates: null, candidate_seed: 0, snapshots: false, ...params },
    plugins: [library],
    inputs: [
      ["model", ran],
      ["on", await prepared, part],
    ],
  });
  return Object.fromEntries(
    metricsFromTable(metrics.table("metrics")).map((row) => [`${metricKey(row)}/${row.epoch}`, row.value]),
  );
}

describe("model stage", () => {
  it("trains bprmf far above popularity on InstEval, and what it wrote can be measured and ranked", async () => {
    const trained = await model("bprmf", { dim: 16, epochs: 15 });
    const popular = await model("popularity");
    const [good, floor] = [await measure(trained, "hit@10", "test"), await measure(popular, "hit@10", "test")];
    // Published floor of popularity: .081.
    expect(floor["hit@10/null"]).toBeGreaterThan(0.05);
    expect(floor["hit@10/null"]).toBeLessThan(0.12);
    expect(good["hit@10/null"]).toBeGreaterThan(0.4);
    expect(trained.facts).toMatchObject({
      teacher: "model",
      stage: "bprmf",
      epochs: 15,
      trained_epochs: 15,
      parameters: (2972 + 1128) * 16,
    });
    const base = curvesFromTable(trained.table("curves")).filter(({ key }) => key === "loss/base");
    expect(base.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 15 }, (_, e) => e + 1));
    const ranking = await runStage(runRank, {
      stage: "rank",
      kind: "core",
      params: { top: 20, item_top: null },
      plugins: [library],
      inputs: [["teacher", trained]],
    });
    expect(rankingFromTable(ranking.table("ranking"))).toMatchObject({ rows: 2972, k: 20 });
  });

  it("stops early on valid, keeps the best epoch and a trajectory that ends with it", async () => {
    const split = await prepared;
    const trained = await model(
      "bprmf",
      { dim: 16, epochs: 60, learning_rate: 0.05, early_stop: "ndcg@10", patience: 2, eval_every: 2, snapshots: 3 },
      { plugins: [library], inputs: [["valid", split, "valid"]] },
    );
    const curve = curvesFromTable(trained.table("curves")).filter(({ key }) => key === "valid/ndcg@10");
    const best = Math.max(...curve.map(({ value }) => value));
    const epochs = trained.facts.epochs as number;
    expect(curve.find(({ value }) => value === best)?.epoch).toBe(epochs);
    expect(trained.facts.trained_epochs).toBe(epochs + 4);
    // The kept weights are those of the best epoch: measured again, they give its value.
    expect((await measure(trained, "ndcg@10", "valid"))["ndcg@10/null"]).toBe(best);
    const shown = trained.facts.snapshot_epochs as readonly number[];
    expect(shown).toHaveLength(3);
    for (const [k, at] of shown.entries())
      expect(Math.abs(at - ((k + 1) * epochs) / 3)).toBeLessThanOrEqual(epochs / 6);
    expect(shown[2]).toBe(epochs);
    const last = rankingFromTable(trained.table("trajectory.2"));
    const ranked = await runStage(runRank, {
      stage: "rank",
      kind: "core",
      params: { top: 100, item_top: null },
      plugins: [library],
      inputs: [["teacher", trained]],
    });
    expect(rankingFromTable(ranked.table("ranking")).ids).toEqual(last.ids);
    expect(rankingFromTable(trained.table("trajectory.0")).ids).not.toEqual(last.ids);
  });

  it("keeps the best epoch of several metrics; each is measured by its own", async () => {
    const split = await prepared;
    const keep_best = ["hit@1", "recall@50"];
    const trained = await model(
      "bprmf",
      { dim: 16, epochs: 14, learning_rate: 0.02, keep_best },
      { plugins: [library], inputs: [["valid", split, "valid"]] },
    );
    const curve = curvesFromTable(trained.table("curves"));
    const best = keep_best.map((key) => {
      const points = curve.filter((point) => point.key === `valid/${key}`);
      const value = Math.max(...points.map((point) => point.value));
      return { key, value, epoch: points.find((point) => point.value === value)?.epoch };
    });
    expect(trained.facts.kept_epochs).toEqual(best.map(({ epoch }) => epoch));
    expect(trained.facts.epochs).toBe(14);
    for (const { key, value, epoch } of best) {
      expect((await measure(trained, key, "valid"))[`${key}/null`]).toBe(value);
      // Otherwise this test could not tell the kept epoch from the last.
      expect(epoch).toBeLessThan(14);
    }
  });

  it("teaches a student: a loss sees the views that it declares, of the right teacher", async () => {
    const teacher = await model("bprmf", { dim: 16, epochs: 8 });
    const seen: unknown[] = [];
    /** Pulls the student's first column towards the teacher's: the simplest latent loss. */
    const copy: LossDefinition = {
      doc: "",
      needs: ["embeddings"],
      teachers: "one",
      studentNeeds: ["embeddings"],
      params: {},
      create: ({ teachers, width, epochs }) => {
        seen.push({ views: teachers.map((t) => Object.keys(t)), width, epochs });
        return {
          request: (batch) => ({ rows: { user: batch.uniqueUsers } }),
          loss({ tf, student, teachers: [rows] }) {
            if (!student.user || !rows?.user) throw new Error("no rows");
            const n = student.user.shape[0];
            const first = (x: typeof student.user) => tf.slice(x, [0, 0], [n, 1]);
            return tf.sum(tf.squaredDifference(first(student.user), first(rows.user))) as Scalar;
          },
        };
      },
    };
    const plugin: Plugin = { name: "@test/copy", version: "1.0.0", api: "^1", losses: { copy } };
    const lesson = {
      baseWeight: 1,
      losses: [{ stage: "copy", plugin: "@test/copy", params: { weight: 50 }, origins: {} }],
    };
    const student = await model(
      "bprmf",
      { dim: 4, epochs: 8, learning_rate: 0.01 },
      { lesson, plugins: [plugin], inputs: [["teachers", teacher]] },
    );
    expect(seen).toEqual([{ views: [["name", "embeddings"]], width: { user: 4, item: 4 }, epochs: 8 }]);
    const [own, far] = [matrixFromTable(student.table("table.user")), matrixFromTable(teacher.table("table.user"))];
    let error = 0;
    let power = 0;
    for (let u = 0; u < own.rows; u++) {
      const target = far.values[u * far.cols] as number;
      error += ((own.values[u * own.cols] as number) - target) ** 2;
      power += target ** 2;
    }
    expect(error).toBeLessThan(0.05 * power);
  });
});
