import { defineEnsemble, type FittedTables, type Plugin } from "@kdp/plugin-api";
import library from "@kdp/plugins";
import { beforeAll, describe, expect, it } from "vitest";
import { fitModel } from "../../test/support/fit-model.js";
import { type Ran, runStage } from "../../test/support/stage-harness.js";
import { tempFolder } from "../../test/support/temp-folder.js";
import { matrixFromTable } from "../tables/factors.js";
import { metricsFromTable } from "../tables/metrics.js";
import { rankingFromTable } from "../tables/rankings.js";
import { run as runEnsemble } from "./ensemble.js";
import { run as runEvaluate } from "./evaluate.js";
import { run as runRank } from "./rank.js";
import { run as runSplit } from "./split.js";

const files = tempFolder();
let split: Ran;
beforeAll(async () => {
  // Users a b, items p q r s. Training: a p, b q. Valid: a q. Test: a r, b s.
  split = await runStage(runSplit, {
    stage: "given_split",
    kind: "split",
    plugin: library,
    params: { header: false },
    files: {
      train: await files.write("train.tsv", "a\tp\nb\tq\n"),
      valid: await files.write("valid.tsv", "a\tq\n"),
      test: await files.write("test.tsv", "a\tr\nb\ts\n"),
    },
  });
});

const factors = (user: number[][], item: number[][]): FittedTables => ({
  user: { rows: user.length, cols: user[0]?.length ?? 0, values: Float32Array.from(user.flat()) },
  item: { rows: item.length, cols: item[0]?.length ?? 0, values: Float32Array.from(item.flat()) },
});
const bprmf = (tables: FittedTables) =>
  fitModel({ plugin: library, stage: "bprmf", split, params: { dim: tables.user?.cols ?? 0 }, tables });
// One-dimensional: a ranks s r q, b ranks s r p. Two-dimensional: a ranks q r s (p trained), b ranks r p s.
const one = () => bprmf(factors([[1], [2]], [[0], [1], [2], [3]]));
const two = () =>
  bprmf(
    factors(
      [
        [3, 0],
        [0, 4],
      ],
      [
        [9, 3],
        [4, 0],
        [3, 4],
        [0, 2],
      ],
    ),
  );

const crowd = (stage: string, members: readonly Ran[], params = {}, plugin: Plugin = library) =>
  runStage(runEnsemble, {
    stage,
    kind: "ensemble",
    plugin,
    params,
    plugins: [library],
    inputs: members.map((member) => ["teachers", member] as const),
  });

describe("ensemble", () => {
  it("combines the lists of models, by hand", async () => {
    const ran = await crowd("borda", [await one(), await two()], { top: 3, depth: 3 });
    const ranking = rankingFromTable(ran.table("ranking"));
    // a: s 3+1, r 2+2, q 1+3: all 4, by id q r s. b: s 3+1, r 2+3, p 1+2.
    expect([...ranking.ids]).toEqual([1, 2, 3, 2, 3, 0]);
    expect([...(ranking.scores ?? [])]).toEqual([4, 4, 4, 5, 4, 3]);
    expect(ran.facts).toMatchObject({
      teacher: "crowd",
      users: 2,
      items: 4,
      members: 2,
      members_with_embeddings: 2,
      top: 3,
    });
    expect(ran.notes).toEqual([]);
  });

  it("has embeddings whose cosine is the mean of the members' cosines", async () => {
    const ran = await crowd("borda", [await one(), await two()]);
    const [user, item] = [matrixFromTable(ran.table("embedding.user")), matrixFromTable(ran.table("embedding.item"))];
    expect([user.rows, user.cols, item.rows, item.cols]).toEqual([2, 3, 4, 3]);
    const row = ({ values, cols }: typeof user, r: number) => [...values.subarray(r * cols, (r + 1) * cols)];
    const dot = (x: number[], y: number[]) => x.reduce((sum, v, i) => sum + v * (y[i] as number), 0);
    // User a and item r: cosines 1 and 3/5; rows of unit length.
    expect(dot(row(user, 0), row(item, 2))).toBeCloseTo((1 + 0.6) / 2, 6);
    expect(dot(row(user, 0), row(user, 1))).toBeCloseTo((1 + 0) / 2, 6);
    expect(dot(row(item, 2), row(item, 2))).toBeCloseTo(1, 6);
    // Item p is a zero row of the first member: that half stays zero.
    expect(row(item, 0)[0]).toBe(0);
    expect(dot(row(item, 0), row(item, 0))).toBeCloseTo(0.5, 6);
  });

  it("members without embeddings vote, and the others make the embeddings", async () => {
    const popular = await fitModel({ plugin: library, stage: "popularity", split });
    const ran = await crowd("rrf", [popular, await two()], { top: 2 });
    expect(ran.facts).toMatchObject({ members: 2, members_with_embeddings: 1 });
    expect(matrixFromTable(ran.table("embedding.user")).cols).toBe(2);
    const alone = await crowd("rrf", [popular], { top: 2 });
    expect(alone.has("embedding.user")).toBe(false);
  });

  it("is a teacher: ranked, measured, and a member of another crowd", async () => {
    const inner = await crowd("mean_score", [await one(), await two()], { top: 3 });
    const ranked = await runStage(runRank, {
      stage: "rank",
      kind: "core",
      params: { top: 2, item_top: 2 },
      inputs: [["teacher", inner]],
    });
    expect(rankingFromTable(ranked.table("ranking")).ids).toEqual(
      rankingFromTable(inner.table("ranking")).ids.filter((_, at) => at % 3 < 2),
    );
    expect(rankingFromTable(ranked.table("item-ranking")).rows).toBe(4);
    const outer = await crowd("borda", [inner, ranked, await one()], { top: 3, depth: 3 });
    expect(outer.facts).toMatchObject({ members: 3, members_with_embeddings: 2 });
    const measured = await runStage(runEvaluate, {
      stage: "scores",
      kind: "core",
      params: { metrics: ["hit@3"], candidates: null, candidate_seed: 0, snapshots: false },
      inputs: [
        ["model", outer],
        ["on", split, "test"],
      ],
      plugins: [library],
    });
    expect(metricsFromTable(measured.table("metrics"))[0]?.value).toBe(1);
  });

  it("says how many lists end early", async () => {
    const ran = await crowd("borda", [await one()], { top: 4 });
    expect(ran.notes).toEqual(["KDP7204: 2 users have fewer than 4 items in the list"]);
  });

  it.each([
    ["a trained item", [0, 1, 2, 3], "user 0 has item 0 twice, or trained on it"],
    ["an item twice", [1, 1, 2, 3], "user 0 has item 1 twice, or trained on it"],
    ["an unknown item", [1, 9, 2, 3], "user 0 has item 9 of 4"],
    ["items after the end", [-1, 1, 2, 3], "the list of user 0 goes on after its end"],
  ])("blames the plugin for %s", async (_, ids, problem) => {
    const plugin: Plugin = {
      name: "@test/crowds",
      version: "1.0.0",
      api: "^1.0.0",
      ensembles: {
        bad: defineEnsemble({
          doc: "A crowd that goes wrong.",
          needs: ["ranking"],
          views: ["ranking"],
          params: {},
          combine: () => ({ rows: 2, k: 2, ids: Int32Array.from(ids), scores: null }),
        }),
      },
    };
    const work = crowd("bad", [await one()], { top: 2 }, plugin);
    await expect(work).rejects.toMatchObject({ data: { code: "KDP8007", place: "bad" } });
    await expect(work).rejects.toThrow(problem);
  });
});
