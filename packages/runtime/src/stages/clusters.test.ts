import library from "@kdp/plugins";
import { beforeAll, describe, expect, it } from "vitest";
import { fitModel } from "../../test/support/fit-model.js";
import { tastes } from "../../test/support/library-project.js";
import { type Ran, runStage } from "../../test/support/stage-harness.js";
import { tempFolder } from "../../test/support/temp-folder.js";
import type { FaultData } from "../faults.js";
import { clustersFromTable } from "../tables/clusters.js";
import { metricKey, metricsFromTable, perUserFromTable } from "../tables/metrics.js";
import { run as runClusters } from "./clusters.js";
import { run as runDataset } from "./dataset.js";
import { run as runEvaluate } from "./evaluate.js";
import { run as runSplit } from "./split.js";

const files = tempFolder();
/** The users of `tastes()` like every fourth item, and so does every fourth user: 15 of each taste. */
const USERS = 60;
const ITEMS = 40;

const clusters = (teacher: Ran, params: object = {}) =>
  runStage(runClusters, {
    stage: "clusters",
    kind: "core",
    params: { count: 4, restarts: 10, seed: 0, ...params },
    inputs: [["teacher", teacher]],
    plugins: [library],
  });

const evaluate = (model: Ran, split: Ran, found: Ran, params: object = {}) =>
  runStage(runEvaluate, {
    stage: "scores",
    kind: "core",
    params: {
      candidates: null,
      candidate_seed: 0,
      snapshots: false,
      cluster_min_users: 10,
      metrics: ["ndcg@5", "recall@5", "coverage@5", "cluster_std@5"],
      ...params,
    },
    inputs: [
      ["model", model],
      ["on", split, "test"],
      ["clusters", found],
    ],
    plugins: [library],
  });

const rowsOf = (ran: Ran) =>
  new Map(metricsFromTable(ran.table("metrics")).map((row) => [`${metricKey(row)} ${row.group}`, row.value]));

const faultOf = (work: Promise<unknown>): Promise<FaultData> =>
  work.then(
    () => Promise.reject(new Error("nothing thrown")),
    (error: { data?: FaultData }) => error.data ?? Promise.reject(error),
  );

/** Rows of users by taste, a little apart from each other; items likewise, so that the model knows the tastes. */
const embeddings = (
  rows: number,
  value = (row: number, col: number) => (row % 4 === col ? 1 : 0) + ((row * 7 + col) % 5) / 50,
) => ({
  rows,
  cols: 4,
  values: Float32Array.from({ length: rows * 4 }, (_, at) => value(Math.floor(at / 4), at % 4)),
});

const mf = (split: Ran, user = embeddings(USERS)) =>
  fitModel({ plugin: library, stage: "bprmf", split, params: { dim: 4 }, tables: { user, item: embeddings(ITEMS) } });

let split: Ran;
let teacher: Ran;
beforeAll(async () => {
  const source = await files.write("tastes.tsv", tastes());
  const data = await runStage(runDataset, { stage: "dataset", kind: "core", files: { source } });
  split = await runStage(runSplit, {
    stage: "leave_one_out",
    kind: "split",
    plugin: library,
    params: { seed: 0 },
    inputs: [["dataset", data]],
  });
  teacher = await mf(split);
});

describe("clusters of users", () => {
  it("are the tastes that the rows tell", async () => {
    const ran = await clusters(teacher);
    const assignment = clustersFromTable(ran.table("clusters"));
    expect(ran.facts).toMatchObject({ users: USERS, clusters: 4, sizes: [15, 15, 15, 15] });
    for (let user = 0; user < USERS; user++) expect(assignment[user]).toBe(assignment[user % 4]);
    expect(new Set(assignment).size).toBe(4);
  });

  it("say when there are fewer than asked for", async () => {
    const alike = await mf(
      split,
      embeddings(USERS, (row, col) => (row % 2 === col ? 1 : 0)),
    );
    const ran = await clusters(alike, { count: 5 });
    expect(ran.facts.sizes).toEqual([30, 30]);
    expect(ran.notes).toEqual(["2 clusters instead of 5: no more rows differ"]);
  });

  it("need finite rows of users", async () => {
    const broken = await mf(
      split,
      embeddings(USERS, (row, col) => (row === 7 && col === 1 ? Number.NaN : row + col)),
    );
    expect(await faultOf(clusters(broken))).toMatchObject({
      code: "KDP7203",
      message: expect.stringContaining("user 7"),
    });
    const popular = await fitModel({ plugin: library, stage: "popularity", split });
    expect(await faultOf(clusters(popular))).toMatchObject({ code: "KDP7206", kind: "user" });
  });
});

describe("evaluation in clusters", () => {
  it("has each metric of single users in every cluster, and the spread over them", async () => {
    const ran = await evaluate(teacher, split, await clusters(teacher));
    const rows = rowsOf(ran);
    const groups = ["cluster/0", "cluster/1", "cluster/2", "cluster/3"];
    expect([...rows.keys()]).toEqual([
      ...["ndcg@5", "recall@5", "coverage@5", "cluster_std@5"].map((key) => `${key} all`),
      ...groups.flatMap((group) => [`ndcg@5 ${group}`, `recall@5 ${group}`]),
    ]);
    expect(ran.facts.lower_is_better).toEqual(["cluster_std@5"]);
    const users = ran.facts.cluster_users as Record<string, number>;
    const total = groups.reduce((sum, group) => sum + (users[group] as number), 0);
    expect(total).toBe(ran.facts.users);
    const of = (key: string, group: string) => rows.get(`${key} ${group}`) as number;
    for (const key of ["ndcg@5", "recall@5"]) {
      const mixed = groups.reduce((sum, group) => sum + (of(key, group) * (users[group] as number)) / total, 0);
      expect(mixed).toBeCloseTo(of(key, "all"), 12);
    }
    const means = groups.map((group) => of("ndcg@5", group));
    const mean = means.reduce((sum, value) => sum + value / 4, 0);
    const deviation = Math.sqrt(means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3);
    expect(deviation).toBeGreaterThan(0);
    expect(of("cluster_std@5", "all")).toBeCloseTo(deviation, 12);
    // The values of single users stay as they are without clusters.
    expect(Object.keys(perUserFromTable(ran.table("per-user")).values)).toEqual(["ndcg@5", "recall@5"]);
  });

  it("merges clusters of few measured users and leaves them out of the spread", async () => {
    // Four clusters of 30, 15, 8 and 7 users.
    const found = await clusters(
      await mf(
        split,
        embeddings(USERS, (row, col) => (row < 30 ? 0 : row < 45 ? 8 : 20 + (row % 2) * 8) + col),
      ),
    );
    const ran = await evaluate(teacher, split, found, { cluster_min_users: 14, metrics: ["ndcg@5", "cluster_std@5"] });
    const users = ran.facts.cluster_users as Record<string, number>;
    expect(Object.keys(users)).toEqual(["cluster/0", "cluster/1", "cluster/rest"]);
    expect(users["cluster/rest"]).toBe(15);
    expect(ran.notes).toContain(
      "2 clusters of few users (15 users together) are merged and left out of the spread over clusters",
    );
    const alone = await evaluate(teacher, split, found, {
      cluster_min_users: 30,
      metrics: ["ndcg@5", "cluster_std@5"],
    });
    expect(alone.notes).toContain("fewer than two clusters are left, so there is no spread over clusters");
    const rows = rowsOf(ran);
    const [one, other] = [rows.get("ndcg@5 cluster/0") as number, rows.get("ndcg@5 cluster/1") as number];
    expect(rows.get("cluster_std@5 all")).toBeCloseTo(Math.abs(one - other) / Math.SQRT2, 12);
    expect(rows.get("ndcg@5 cluster/rest")).toBeGreaterThan(0);
  });

  it("refuses clusters of other users", async () => {
    const source = await files.write("few.tsv", tastes().split("\n").slice(0, 100).join("\n"));
    const data = await runStage(runDataset, { stage: "dataset", kind: "core", files: { source } });
    const other = await runStage(runSplit, {
      stage: "leave_one_out",
      kind: "split",
      plugin: library,
      params: { seed: 0 },
      inputs: [["dataset", data]],
    });
    const { users } = other.facts as { users: number };
    const stranger = await fitModel({
      plugin: library,
      stage: "bprmf",
      split: other,
      params: { dim: 4 },
      tables: { user: embeddings(users), item: embeddings((other.facts as { items: number }).items) },
    });
    expect(await faultOf(evaluate(teacher, split, await clusters(stranger)))).toMatchObject({
      code: "KDP7206",
      message: `the clusters know ${users} users, the events 60`,
    });
  });
});
