import { RUNTIME_CODES } from "@kdp/dsl";
import type { FittedTables } from "@kdp/plugin-api";
import library from "@kdp/plugins";
import { beforeAll, describe, expect, it } from "vitest";
import { fitModel } from "../../test/support/fit-model.js";
import { instEval, SKIPPED, sharedData } from "../../test/support/shared-data.js";
import { type Ran, runStage } from "../../test/support/stage-harness.js";
import { tempFolder } from "../../test/support/temp-folder.js";
import type { FaultData } from "../faults.js";
import { metricKey, metricsFromTable, perUserFromTable } from "../tables/metrics.js";
import { rankingFromTable } from "../tables/rankings.js";
import { vocabularyFromTable } from "../tables/vocabulary.js";
import { run as runDataset } from "./dataset.js";
import { run as runEvaluate } from "./evaluate.js";
import { run as runRank } from "./rank.js";
import { run as runSplit } from "./split.js";

const files = tempFolder();

const evaluate = (model: Ran, split: Ran, params: object, part = "test") =>
  runStage(runEvaluate, {
    stage: "scores",
    kind: "core",
    params: { candidates: null, candidate_seed: 0, snapshots: false, ...params },
    inputs: [
      ["model", model],
      ["on", split, part],
    ],
    plugins: [library],
  });

const rank = (teacher: Ran, params: object) =>
  runStage(runRank, {
    stage: "rank",
    kind: "core",
    params: { item_top: null, ...params },
    inputs: [["teacher", teacher]],
    plugins: [library],
  });

const values = (ran: Ran) =>
  Object.fromEntries(
    metricsFromTable(ran.table("metrics")).map((row) => [
      row.epoch === null ? metricKey(row) : `${metricKey(row)} #${row.epoch}`,
      row.value,
    ]),
  );

const faultOf = (work: Promise<unknown>): Promise<FaultData> =>
  work.then(
    () => Promise.reject(new Error("nothing thrown")),
    (error: { data?: FaultData }) => error.data ?? Promise.reject(error),
  );

async function looSplit(source: string, params = {}, seed = 0): Promise<Ran> {
  const data = await runStage(runDataset, { stage: "dataset", kind: "core", files: { source }, params });
  return runStage(runSplit, {
    stage: "leave_one_out",
    kind: "split",
    plugin: library,
    params: { seed },
    inputs: [["dataset", data]],
  });
}

describe("popularity on real data", () => {
  let split: Ran;
  let model: Ran;
  beforeAll(async () => {
    split = await looSplit(instEval);
    model = await fitModel({ plugin: library, stage: "popularity", split });
  });

  it("full ranking of InstEval: HR@10 .081 and NDCG@10 .045, as others measured", async () => {
    const all = await Promise.all(
      [0, 1, 2].map(async (seed) => {
        const drawn = await looSplit(instEval, {}, seed);
        const popular = await fitModel({ plugin: library, stage: "popularity", split: drawn });
        return values(await evaluate(popular, drawn, { metrics: ["hit@10", "ndcg@10"] }));
      }),
    );
    const mean = (key: string) => all.reduce((sum, got) => sum + (got[key] as number) / all.length, 0);
    // Standard error of a mean of three splits: .003 and .002.
    expect(Math.abs(mean("hit@10") - 0.081)).toBeLessThan(0.008);
    expect(Math.abs(mean("ndcg@10") - 0.045)).toBeLessThan(0.005);
  });

  it("writes values, their users and what was counted", async () => {
    const metrics = ["hit@10", "ndcg@10", "recall@10", "coverage@10", "head_recall@10"];
    const ran = await evaluate(model, split, { metrics });
    const got = values(ran) as Record<string, number>;
    expect(Object.keys(got)).toEqual(metrics);
    expect(got["recall@10"]).toBe(got["hit@10"]);
    expect(got["coverage@10"]).toBeLessThan(0.05);
    expect(ran.facts).toMatchObject({ split: "test", users: 2956, users_without_items: 16, candidates: "all" });
    expect(ran.facts.latency_ms).toBeGreaterThan(0);
    expect(ran.notes).toContain("KDP7108: 16 users are left out: no test item");
    const perUser = perUserFromTable(ran.table("per-user"));
    expect(perUser.user.length).toBe(2956);
    const mean = (perUser.values["ndcg@10"] as Float64Array).reduce((sum, v) => sum + v, 0) / 2956;
    expect(mean).toBeCloseTo(got["ndcg@10"] as number, 12);
  });

  it("499 sampled candidates are an easier task, fixed by the seed, and another draw differs little", async () => {
    const measured = async (candidate_seed: number) => {
      const ran = await evaluate(model, split, { metrics: ["hit@10"], candidates: 499, candidate_seed });
      expect(ran.facts).toMatchObject({ candidates: 499, candidate_seed });
      return values(ran)["hit@10"] as number;
    };
    const first = await measured(0);
    expect(first).toBeGreaterThan(0.12);
    expect(await measured(0)).toBe(first);
    const other = await measured(1);
    expect(other).not.toBe(first);
    expect(Math.abs(other - first)).toBeLessThan(0.02);
  });

  it("more candidates than the catalogue has are all items, and that is told as a warning", async () => {
    const options = { metrics: ["hit@10"], candidate_seed: 0 };
    const sampled = await evaluate(model, split, { ...options, candidates: 5000 });
    expect(values(sampled)).toEqual(values(await evaluate(model, split, options)));
    expect(sampled.notes[0]).toMatch(/^KDP7105: 2\D?956 users have fewer than 5\D?000 items to sample/);
    expect(RUNTIME_CODES.KDP7105.severity).toBe("warning");
  });

  it("ranks the same items as it measures: the share of test items in the top 10 is HR@10", async () => {
    const ranking = rankingFromTable((await rank(model, { top: 11 })).table("ranking"));
    const hit = values(await evaluate(model, split, { metrics: ["hit@10"] }))["hit@10"] as number;
    const test = split.table("test");
    const valid = split.table("valid");
    const itemOf = (part: typeof test) => {
      const items = new Map<number, number>();
      for (let row = 0; row < part.numRows; row++)
        items.set(part.getChild("user")?.get(row), part.getChild("item")?.get(row));
      return items;
    };
    const [tested, validated] = [itemOf(test), itemOf(valid)];
    let hits = 0;
    for (const [user, item] of tested) {
      // The validation item is no candidate of the test, but stands in the ranking.
      const list = [...ranking.ids.subarray(user * 11, (user + 1) * 11)].filter((id) => id !== validated.get(user));
      if (list.slice(0, 10).includes(item)) hits++;
    }
    // Popularity counts tie; the ranking breaks ties by id, the metric takes the mean place.
    expect(Math.abs(hits / tested.size - hit)).toBeLessThan(0.006);
  });

  const citeulike = sharedData("citeulike-t");
  it.skipIf(!citeulike)(`full ranking of CiteULike: HR@10 .024, NDCG@10 .015 ${SKIPPED}`, async () => {
    const cite = await looSplit(citeulike as string, { min_interactions: 5 });
    const popular = await fitModel({ plugin: library, stage: "popularity", split: cite });
    const got = values(await evaluate(popular, cite, { metrics: ["hit@10", "ndcg@10"] }));
    expect(Math.abs((got["hit@10"] as number) - 0.024)).toBeLessThan(0.006);
    expect(Math.abs((got["ndcg@10"] as number) - 0.015)).toBeLessThan(0.004);
  });
});

describe("a small universe, by hand", () => {
  // Rows: users a b c, items p q r s. Training: a p, b q, c r, c p. Test: a q, b p. Valid: a s.
  let split: Ran;
  beforeAll(async () => {
    split = await runStage(runSplit, {
      stage: "given_split",
      kind: "split",
      plugin: library,
      params: { header: false },
      files: {
        train: await files.write("train.tsv", "a\tp\nb\tq\nc\tr\nc\tp\n"),
        valid: await files.write("valid.tsv", "a\ts\n"),
        test: await files.write("test.tsv", "a\tq\nb\tp\n"),
      },
    });
    expect(vocabularyFromTable(split.table("item-ids"))).toEqual(["p", "q", "r", "s"]);
  });

  const factors = (user: number[][], item: number[][]): FittedTables => ({
    user: { rows: user.length, cols: user[0]?.length ?? 0, values: Float32Array.from(user.flat()) },
    item: { rows: item.length, cols: item[0]?.length ?? 0, values: Float32Array.from(item.flat()) },
  });
  // Scores: a: 9 2 3 8, b: 1 7 2 1, c: 0 5 6 1 (items p q r s).
  const tables = factors(
    [
      [9, 2, 3, 8],
      [1, 7, 2, 1],
      [0, 5, 6, 1],
    ],
    [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ],
  );
  const bprmf = (more: Partial<Parameters<typeof fitModel>[0]> = {}) =>
    fitModel({ plugin: library, stage: "bprmf", split, params: { dim: 4 }, tables, ...more });

  it("ranks items per user and users per item, training left out", async () => {
    const ran = await rank(await bprmf(), { top: 3, item_top: 2 });
    const ranking = rankingFromTable(ran.table("ranking"));
    expect([...ranking.ids]).toEqual([3, 2, 1, 2, 0, 3, 1, 3, -1]);
    expect(ranking.scores?.slice(0, 3)).toEqual(Float32Array.of(8, 3, 2));
    const users = rankingFromTable(ran.table("item-ranking"));
    // p: only b (1) has not trained on it; q: c 5, a 2; r: a 3, b 2; s: a 8, then b before c (both 1).
    expect([...users.ids]).toEqual([1, -1, 2, 0, 0, 1, 0, 1]);
    expect(ran.facts).toMatchObject({ teacher: "ranking", users: 3, items: 4, top: 3, short_lists: 1 });
    expect(ran.notes).toEqual([
      "KDP7204: 1 user has fewer than 3 items to rank",
      "KDP7204: 1 item has fewer than 2 users to rank",
    ]);
  });

  it("counts the users whose items the teacher does not tell apart, and still ranks them", async () => {
    const items = [1, 2, 3, 4].map((first) => [first, 0, 0, 0]);
    const users = [
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [-1, 0, 0, 0],
    ];
    const ran = await rank(await bprmf({ tables: factors(users, items) }), { top: 2 });
    expect([...rankingFromTable(ran.table("ranking")).ids.subarray(0, 2)]).toEqual([1, 2]);
    expect(ran.notes).toContain(
      "KDP7205: 1 user has equal scores for all listed items: the order of the items' ids counts",
    );
  });

  it("a top past the catalogue is the catalogue", async () => {
    const ran = await rank(await bprmf(), { top: 9, item_top: 9 });
    expect(rankingFromTable(ran.table("ranking")).k).toBe(4);
    expect(rankingFromTable(ran.table("item-ranking")).k).toBe(3);
    expect(ran.notes.slice(0, 1)).toEqual(["KDP7105: the catalogue has 4 items, so top is 4"]);
  });

  it("measures a model, a ranking of it, and a ranking of the ranking alike", async () => {
    const model = await bprmf();
    const metrics = ["hit@1", "mrr@4", "ndcg@4"];
    // a: candidates q r (p trained, s validated): q second. b: p ties with s below r: rank 2.5.
    const expected = {
      "hit@1": 0,
      "mrr@4": (1 / 2 + 1 / 2.5) / 2,
      "ndcg@4": (1 / Math.log2(3) + 1 / Math.log2(3.5)) / 2,
    };
    expect(values(await evaluate(model, split, { metrics }))).toEqual(expected);
    const ranking = await rank(model, { top: 3 });
    const ordered = values(await evaluate(ranking, split, { metrics }));
    // A list has no ties: p stands before s.
    expect(ordered["mrr@4"]).toBe((1 / 2 + 1 / 2) / 2);
    expect(values(await evaluate(await rank(ranking, { top: 3 }), split, { metrics }))).toEqual(ordered);
  });

  it("measures on valid, without the test items as candidates", async () => {
    const got = values(await evaluate(await bprmf(), split, { metrics: ["mrr@4"] }, "valid"));
    expect(got["mrr@4"]).toBe(1);
  });

  it("snapshots add rows with their epoch", async () => {
    const model = await bprmf({
      snapshots: {
        epochs: [5, 10],
        ids: [
          [
            [1, 2, 3],
            [2, 3, 0],
            [1, 3, -1],
          ],
          [
            [3, 2, 1],
            [0, 2, 3],
            [1, 3, -1],
          ],
        ],
      },
    });
    const measured = await evaluate(model, split, { metrics: ["mrr@4"], snapshots: true });
    expect(measured.notes.filter((note) => note.includes("KDP7204"))).toEqual([
      "KDP7204: mrr@4: the lists of snapshots end after 3 items, all others tie below them",
    ]);
    const got = values(measured);
    expect(got).toEqual({
      "mrr@4": (1 / 2 + 1 / 2.5) / 2,
      "mrr@4 #5": (1 + 1 / 3) / 2,
      "mrr@4 #10": (1 / 2 + 1) / 2,
    });
  });

  it("says what lists cannot tell", async () => {
    const ranking = await rank(await bprmf(), { top: 2 });
    const notes = async (params: object) =>
      (await evaluate(ranking, split, params)).notes.filter((n) => n.includes("KDP7204"));
    expect(await notes({ metrics: ["hit@2"] })).toEqual([]);
    expect(await notes({ metrics: ["hit@2", "hit@3"] })).toEqual([
      "KDP7204: hit@3: the lists that are measured end after 2 items, all others tie below them",
    ]);
    expect(await notes({ metrics: ["hit@1"], candidates: 1 })).toEqual([
      "KDP7204: sampled candidates: the lists that are measured end after 2 items, all others tie below them",
    ]);
  });

  it("says when there is nothing to measure, or another universe", async () => {
    const tiny = await looSplit(await files.write("tiny.tsv", "user\titem\n1\t2\n1\t3\n2\t2\n"));
    const other = await fitModel({ plugin: library, stage: "popularity", split: tiny });
    expect(await faultOf(evaluate(other, tiny, { metrics: ["hit@1"] }))).toMatchObject({
      code: "KDP7104",
      kind: "user",
    });
    expect(await faultOf(evaluate(other, split, { metrics: ["hit@1"] }))).toMatchObject({
      code: "KDP7206",
      kind: "user",
    });
  });

  it("scores of NaN are a fault with a place", async () => {
    const broken = await bprmf({
      tables: factors(
        [
          [Number.NaN, 0, 0, 0],
          [1, 0, 0, 0],
          [1, 0, 0, 0],
        ],
        [
          [1, 0, 0, 0],
          [1, 0, 0, 0],
          [1, 0, 0, 0],
          [1, 0, 0, 0],
        ],
      ),
    });
    expect(await faultOf(evaluate(broken, split, { metrics: ["hit@1"] }))).toMatchObject({
      code: "KDP8001",
      kind: "run",
      place: "scores",
    });
  });
});
