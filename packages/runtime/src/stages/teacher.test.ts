import library from "@kdp/plugins";
import { beforeAll, describe, expect, it } from "vitest";
import { type Ran, runStage } from "../../test/support/stage-harness.js";
import { tempFolder } from "../../test/support/temp-folder.js";
import type { FaultData } from "../faults.js";
import { matrixFromTable } from "../tables/factors.js";
import { metricsFromTable } from "../tables/metrics.js";
import { rankingFromTable } from "../tables/rankings.js";
import { run as runEvaluate } from "./evaluate.js";
import { run as runRank } from "./rank.js";
import { run as runSplit } from "./split.js";
import { run as runTeacher } from "./teacher.js";

const files = tempFolder();
let split: Ran;
beforeAll(async () => {
  // Rows: users a b c, items p q r s. Training: a p, b q, c r. Test: a q, b s.
  split = await runStage(runSplit, {
    stage: "given_split",
    kind: "split",
    plugin: library,
    params: { header: false },
    files: {
      train: await files.write("train.tsv", "a\tp\nb\tq\nc\tr\n"),
      valid: await files.write("valid.tsv", "c\tp\n"),
      test: await files.write("test.tsv", "a\tq\nb\ts\n"),
    },
  });
});

/** Writes files and reads the teacher. Keys are arguments, with an ending where the file's name needs one (`path.json`). */
async function teacher(stage: string, paths: Readonly<Record<string, string | Uint8Array>>, params = {}): Promise<Ran> {
  const found: Record<string, string> = {};
  const written: Record<string, string> = {};
  for (const [key, content] of Object.entries(paths)) {
    const argument = key.split(".")[0] as string;
    written[argument] = `${stage}-${key}`;
    found[argument] = await files.write(written[argument], content);
  }
  return runStage(runTeacher, {
    stage,
    kind: "teacher",
    plugin: library,
    params: { ...written, ...params },
    files: found,
    inputs: [["events", split, "train"]],
  });
}

const ids = (ran: Ran) => {
  const { k, ids: all } = rankingFromTable(ran.table("ranking"));
  return Array.from({ length: 3 }, (_, user) => [...all.subarray(user * k, (user + 1) * k)]);
};
const faultOf = (work: Promise<unknown>): Promise<FaultData> =>
  work.then(
    () => Promise.reject(new Error("nothing thrown")),
    (error: { data?: FaultData }) => error.data ?? Promise.reject(error),
  );

const safetensors = (tensors: Readonly<Record<string, readonly [rows: number, cols: number, values: number[]]>>) => {
  let at = 0;
  const info = Object.entries(tensors).map(([name, [rows, cols, values]]) => {
    const from = at;
    at += 4 * values.length;
    return [name, { dtype: "F32", shape: [rows, cols], data_offsets: [from, at] }] as const;
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(info)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Float32Array.from(Object.values(tensors).flatMap(([, , values]) => values));
  return Buffer.concat([length, header, Buffer.from(data.buffer)]);
};

describe("ranking_file", () => {
  it("takes the order of the file, a rank, or a score", async () => {
    const expected = [
      [2, 1],
      [3, 0],
      [-1, -1],
    ];
    const byOrder = await teacher("ranking_file", { path: "user,item\na,r\nb,s\na,q\nb,p\n" });
    expect(ids(byOrder)).toEqual(expected);
    const byRank = await teacher("ranking_file", { path: "user,item,rank\na,q,2\nb,p,9\na,r,1\nb,s,3\n" });
    expect(ids(byRank)).toEqual(expected);
    const byScore = await teacher("ranking_file", { path: "user,item,score\na,q,0.1\nb,p,-5\na,r,0.2\nb,s,3\n" });
    expect(ids(byScore)).toEqual(expected);
    expect(ids(await teacher("ranking_file", { "path.json": '{"a": ["r", "q"], "b": ["s", "p"]}' }))).toEqual(expected);
    // Order is all that such a teacher has.
    expect(rankingFromTable(byScore.table("ranking")).scores).toBeNull();
    expect(byScore.facts).toMatchObject({ teacher: "file", users: 3, items: 4, top: 2 });
    expect(byScore.notes).toEqual(["KDP7207: 1 user has no list"]);
  });

  it("takes columns by name or, without a header, by place; a third column counts only when it is named", async () => {
    const named = await teacher(
      "ranking_file",
      { path: "who,what,points\na,q,1\na,r,2\n" },
      { user: "who", item: "what", score: "points" },
    );
    expect(ids(named)[0]).toEqual([2, 1]);
    const plain = { path: "a\tq\t1\na\tr\t2\n" };
    expect(ids(await teacher("ranking_file", plain))[0]).toEqual([1, 2]);
    expect(ids(await teacher("ranking_file", plain, { score: "2" }))[0]).toEqual([2, 1]);
    expect(ids(await teacher("ranking_file", plain, { rank: "2" }))[0]).toEqual([1, 2]);
  });

  it("counts what it leaves out: unknown ids, training items, repetitions, and what is too long", async () => {
    const ran = await teacher(
      "ranking_file",
      { path: "user,item\na,x\na,p\na,r\na,r\na,s\na,q\nz,p\nb,s\n" },
      { top: 2 },
    );
    expect(ids(ran)).toEqual([
      [2, 3],
      [3, -1],
      [-1, -1],
    ]);
    expect(ran.notes).toEqual([
      "KDP7201: 1 of 3 user ids of ranking_file-path are not in the data and left out (z)",
      "KDP7201: 1 of 5 item ids of ranking_file-path are not in the data and left out (x)",
      "1 pair of training items left out",
      "KDP7101: 1 repeated pair left out, the better one kept",
      "KDP7207: 1 user has no list",
      "KDP7204: 1 user has fewer than 2 items",
    ]);
  });

  it("counts the items of the data that the file does not know", async () => {
    const ran = await teacher("ranking_file", { path: "user,item\na,q\nb,q\nc,q\n" });
    expect(ran.notes).toContain("3 items of the data are in no pair of the file");
  });

  it.each([
    ["a file of other data", "user,item\n1,2\n3,4\n", {}, "KDP7202"],
    ["only training items", "user,item\na,p\n", {}, "KDP7202"],
    ["no item column", "user,thing\na,p\n", {}, "KDP7008"],
    ["a column that is not there", "user,item\na,q\n", { rank: "place" }, "KDP7008"],
    ["a rank that is no number", "user,item,rank\na,q,first\n", {}, "KDP7203"],
    ["a missing id", "user,item\na,q\n,q\n", {}, "KDP7007"],
  ])("refuses %s", async (_, path, params, code) => {
    const data = await faultOf(teacher("ranking_file", { path }, params));
    expect(data).toMatchObject({ code, kind: "user" });
    expect(data.fix?.length).toBeGreaterThan(5);
  });
});

describe("scores_file", () => {
  it("ranks by score and keeps the scores", async () => {
    const ran = await teacher("scores_file", { path: "user,item,score\na,q,1\na,s,3\na,r,2\nb,p,-1\nb,s,-1\n" });
    expect(ids(ran)).toEqual([
      [3, 2, 1],
      [0, 3, -1],
      [-1, -1, -1],
    ]);
    expect(rankingFromTable(ran.table("ranking")).scores?.slice(0, 3)).toEqual(Float32Array.of(3, 2, 1));
    expect(ran.notes).toContain("KDP7205: 1 user has equal scores for all items: the order of the file counts");
  });

  it("orders scores that differ only in double precision", async () => {
    const lines = "user,item,score\na,q,0.99999999901\na,r,0.99999999902\n";
    for (const stage of ["scores_file", "ranking_file"]) {
      const ran = await teacher(stage, { path: lines });
      expect(ids(ran)[0]).toEqual([2, 1]);
      expect(ran.notes.join()).not.toContain("KDP7205");
    }
  });

  it("reads a matrix with lists of ids", async () => {
    const ran = await teacher("scores_file", {
      path: safetensors({ scores: [2, 3, [1, 2, 3, 9, 8, 7]] }),
      user_ids: "b\na\n",
      item_ids: "item_id\ns\nr\nnobody\n",
    });
    // b: s 1, r 2; a: s 9, r 8.
    expect(ids(ran)).toEqual([
      [3, 2],
      [2, 3],
      [-1, -1],
    ]);
    expect(ran.notes[0]).toContain("1 of 3 item ids of scores_file-item_ids");
  });

  it.each([
    ["NaN", { path: "user,item,score\na,q,nan\n" }, "KDP7203"],
    ["a score beyond single precision", { path: "user,item,score\na,q,1e39\n" }, "KDP7203"],
    ["an empty score", { path: "user,item,score\na,q,1\na,r,\n" }, "KDP7203"],
    ["no scores", { path: "user,item\na,q\n" }, "KDP7008"],
    [
      "NaN in a matrix",
      { path: safetensors({ x: [1, 2, [1, Number.NaN]] }), user_ids: "a\n", item_ids: "q\nr\n" },
      "KDP7203",
    ],
    [
      "too few ids beside a matrix",
      { path: safetensors({ x: [1, 2, [1, 2]] }), user_ids: "a\n", item_ids: "q\n" },
      "KDP7206",
    ],
    [
      "a matrix without ids for data whose ids are no row numbers",
      { path: safetensors({ x: [1, 2, [1, 2]] }) },
      "KDP7202",
    ],
    ["a truncated file", { path: safetensors({ x: [1, 2, [1, 2]] }).subarray(0, 60) }, "KDP7009"],
  ])("refuses %s", async (_, paths, code) => {
    expect(await faultOf(teacher("scores_file", paths))).toMatchObject({ code, kind: "user" });
  });
});

describe("embeddings_file", () => {
  const user = "id,x,y\na,1,0\nb,0,1\n";
  const item = "id,x,y\np,4,1\nq,3,2\nr,2,3\ns,1,4\n";

  it("places rows by id, ranks by inner product, and leaves entities without a row alone", async () => {
    const ran = await teacher("embeddings_file", { user_file: user, item_file: item });
    expect(matrixFromTable(ran.table("embedding.user"))).toEqual({
      rows: 3,
      cols: 2,
      values: Float32Array.of(1, 0, 0, 1, 0, 0),
    });
    // a ranks q r s (p trained); b ranks s r p; c has no row and no list.
    expect(ids(ran)).toEqual([
      [1, 2, 3, -1],
      [3, 2, 0, -1],
      [-1, -1, -1, -1],
    ]);
    expect(ran.notes).toEqual(["KDP7207: 1 user without an embedding: a row of zeros"]);
    expect(ran.facts).toMatchObject({ teacher: "file", user_dimensions: 2, item_dimensions: 2, top: 4 });
  });

  it("reads safetensors with both sides and lists of ids", async () => {
    const path = safetensors({ user: [2, 2, [1, 0, 0, 1]], emb: [2, 2, [3, 2, 1, 4]] });
    const params = { item_tensor: "emb" };
    // The teacher does not know r, and p was trained on.
    const expected = [1, 3, -1, -1];
    const lines = { path, user_ids: "a\nb\n", item_ids: "q\ns\n" };
    expect(ids(await teacher("embeddings_file", lines, params))[0]).toEqual(expected);
    const both = '{"user": ["a", "b"], "item": ["q", "s"]}';
    const object = { path, "user_ids.json": both, "item_ids.json": both };
    expect(ids(await teacher("embeddings_file", object, params))[0]).toEqual(expected);
    const arrays = { path, "user_ids.json": '["a", "b"]', "item_ids.json": '["q", "s"]' };
    expect(ids(await teacher("embeddings_file", arrays, params))[0]).toEqual(expected);
  });

  it("are ranked and measured beyond the lists that were made of them", async () => {
    const ran = await teacher("embeddings_file", { user_file: user, item_file: item }, { top: 1 });
    expect(ids(ran)).toEqual([[1], [3], [-1]]);
    const ranked = await runStage(runRank, {
      stage: "rank",
      kind: "core",
      params: { top: 3, item_top: null },
      inputs: [["teacher", ran]],
    });
    expect(ids(ranked)).toEqual([
      [1, 2, 3],
      [3, 2, 0],
      [-1, -1, -1],
    ]);
    const measured = await runStage(runEvaluate, {
      stage: "scores",
      kind: "core",
      params: { metrics: ["mrr@3"], candidates: null, candidate_seed: 0, snapshots: false },
      inputs: [
        ["model", ran],
        ["on", split, "test"],
      ],
      plugins: [library],
    });
    // a: q first; b: s first.
    expect(metricsFromTable(measured.table("metrics"))[0]?.value).toBe(1);
    expect(measured.notes.join()).not.toContain("the lists that are measured end");
  });

  it("of one side teach, but rank nothing", async () => {
    const ran = await teacher("embeddings_file", { item_file: item });
    expect(ran.has("ranking")).toBe(false);
    expect(ran.has("embedding.user")).toBe(false);
    const rank = runStage(runRank, {
      stage: "rank",
      kind: "core",
      params: { top: 2, item_top: null },
      inputs: [["teacher", ran]],
    });
    expect(await faultOf(rank)).toMatchObject({ code: "KDP7206", kind: "user" });
  });

  it("of sides of different width teach, but rank nothing", async () => {
    const ran = await teacher("embeddings_file", { user_file: "id,x\na,1\n", item_file: item });
    expect([ran.has("embedding.user"), ran.has("embedding.item"), ran.has("ranking")]).toEqual([true, true, false]);
  });

  it.each([
    ["no file at all", {}, {}, "KDP7001"],
    ["NaN", { user_file: "id,x\na,nan\n" }, {}, "KDP7203"],
    ["words among the numbers", { user_file: "id,x,y\na,1,up\n" }, {}, "KDP7203"],
    ["other ids", { user_file: "id,x\n1,2\n2,3\n" }, {}, "KDP7202"],
    ["a tensor that is not there", { path: safetensors({ u: [1, 1, [1]] }) }, {}, "KDP7008"],
    ["an id column that is not there", { user_file: user }, { id: "name" }, "KDP7008"],
    ["ids without numbers", { "user_file.json": '[{"id": "a"}]' }, {}, "KDP7206"],
    [
      "ids that are no list",
      { path: safetensors({ user: [1, 1, [1]], item: [1, 1, [1]] }), "user_ids.json": "{}" },
      {},
      "KDP7010",
    ],
    [
      "too many ids",
      { path: safetensors({ user: [1, 1, [1]], item: [1, 1, [1]] }), user_ids: "a\nb\n" },
      {},
      "KDP7206",
    ],
    [
      "a list of ids with two columns",
      { path: safetensors({ user: [1, 1, [1]], item: [1, 1, [1]] }), user_ids: "a\tb\n" },
      {},
      "KDP7007",
    ],
  ])("refuses %s", async (_, paths, params, code) => {
    expect(await faultOf(teacher("embeddings_file", paths as Record<string, string>, params))).toMatchObject({
      code,
      kind: "user",
    });
  });
});

it("a teacher from files is ranked and measured like any other", async () => {
  const ran = await teacher("scores_file", { path: "user,item,score\na,q,1\na,s,3\nb,s,2\nb,p,1\n" });
  const measured = await runStage(runEvaluate, {
    stage: "scores",
    kind: "core",
    params: { metrics: ["mrr@3"], candidates: null, candidate_seed: 0, snapshots: false },
    inputs: [
      ["model", ran],
      ["on", split, "test"],
    ],
    plugins: [library],
  });
  // a: q second; b: s first.
  expect(metricsFromTable(measured.table("metrics"))[0]?.value).toBe(0.75);
  const ranked = await runStage(runRank, {
    stage: "rank",
    kind: "core",
    params: { top: 1, item_top: 2 },
    inputs: [["teacher", ran]],
  });
  expect(ids(ranked)).toEqual([[3], [3], [-1]]);
  expect([...rankingFromTable(ranked.table("item-ranking")).ids]).toEqual([1, -1, 0, -1, -1, -1, 0, 1]);
});
