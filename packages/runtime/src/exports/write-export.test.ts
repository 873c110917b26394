import "reflect-metadata";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { manifestOf } from "@kdp/plugin-api";
import library from "@kdp/plugins";
import { beforeAll, describe, expect, it } from "vitest";
import { fitModel } from "../../test/support/fit-model.js";
import { type Ran, runStage } from "../../test/support/stage-harness.js";
import { tempFolder } from "../../test/support/temp-folder.js";
import { withDuckDB } from "../data/duckdb.js";
import { readFileTables } from "../data/files/read-file-tables.js";
import { run as runRank } from "../stages/rank.js";
import { run as runSplit } from "../stages/split.js";
import { run as runTeacher } from "../stages/teacher.js";
import { rankingFromTable } from "../tables/rankings.js";
import { workerServices } from "../worker/services.js";
import type { ExportTask } from "../worker/task.js";
import { writeExport } from "./write-export.js";

const files = tempFolder();
let split: Ran;
beforeAll(async () => {
  split = await runStage(runSplit, {
    stage: "given_split",
    kind: "split",
    plugin: library,
    params: { header: false },
    files: {
      train: await files.write("train.tsv", "ann\tp\nböb\tq\nböb\tr\n"),
      valid: await files.write("valid.tsv", "ann\tq\n"),
      test: await files.write("test.tsv", "ann\ts t\n"),
    },
  });
});

const key = "ab".repeat(32);
const plugins = [{ manifest: manifestOf(library), entry: import.meta.resolve("@kdp/plugins"), folder: "/nowhere" }];

let runs = 0;

/** Publishes a fitted model in a real store and exports it. @returns the folder of the export */
async function exported(model: Ran, stage: string, format: string): Promise<string> {
  const run = runs++;
  const kdpFolder = files.path(`${run}.kdp`);
  const { store } = workerServices(kdpFolder);
  const draft = await store.draft(key);
  for (const { name } of model.meta.tables) draft.table(name, model.table(name));
  draft.facts(model.facts);
  await draft.publish({ stage, node: stage, seconds: 0, createdAt: "", peakRssBytes: 0 });
  const exportKey = "cd".repeat(32);
  const task: ExportTask = {
    kdpTask: 1,
    kind: "export",
    name: "best",
    kdpFolder,
    plugins,
    key: exportKey,
    model: { node: stage, key },
    format: { name: format, plugin: library.name },
  };
  await writeExport(task, store, new Map());
  const folder = files.path(`export-${run}`);
  mkdirSync(folder);
  await store.copyFiles(exportKey, folder);
  return folder;
}

const bprmf = () =>
  fitModel({
    plugin: library,
    stage: "bprmf",
    split,
    params: { dim: 2 },
    tables: {
      user: { rows: 2, cols: 2, values: Float32Array.of(1, 0.5, -1, 2) },
      item: { rows: 4, cols: 2, values: Float32Array.of(1, 2, 3, -4, 0.5, 0.25, -2, 1) },
    },
  });

describe("exports of a dot-product model", () => {
  it("arrow: factors with source ids, and what was seen", async () => {
    const folder = await exported(await bprmf(), "bprmf", "arrow");
    expect(readdirSync(folder).sort()).toEqual(["item.arrow", "seen.arrow", "user.arrow"]);
    expect(await readFileTables(`${folder}/user.arrow`)).toEqual({
      columns: { id: ["ann", "böb"] },
      matrices: { factors: { rows: 2, cols: 2, values: Float32Array.of(1, 0.5, -1, 2) } },
    });
    expect((await readFileTables(`${folder}/item.arrow`)).columns).toEqual({ id: ["p", "q", "r", "s t"] });
    expect((await readFileTables(`${folder}/seen.arrow`)).columns).toEqual({ user: [0, 1, 1], item: [0, 1, 2] });
  });

  it("parquet: the same tables, with what they are in the file's metadata", async () => {
    const folder = await exported(await bprmf(), "bprmf", "parquet");
    expect(readdirSync(folder).sort()).toEqual(["item.parquet", "seen.parquet", "user.parquet"]);
    expect(await readFileTables(`${folder}/user.parquet`)).toEqual({
      columns: { id: ["ann", "böb"] },
      matrices: { factors: { rows: 2, cols: 2, values: Float32Array.of(1, 0.5, -1, 2) } },
    });
    expect((await readFileTables(`${folder}/seen.parquet`)).columns).toEqual({ user: [0, 1, 1], item: [0, 1, 2] });
    const path = `${folder}/user.parquet`;
    const { columns } = await withDuckDB(async (connection) => {
      const query = `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${path}') ORDER BY key`;
      const rows = await connection.runAndReadAll(query);
      return { columns: rows.getRows() };
    });
    expect(columns).toEqual([
      ["kdp.export", "1"],
      ["kdp.model", "bprmf"],
      ["kdp.scorer", "dot"],
    ]);
  });

  it("come back as teachers that rank as the model does", async () => {
    const model = await bprmf();
    const ranked = await runStage(runRank, {
      stage: "rank",
      kind: "core",
      params: { top: 4, item_top: null },
      inputs: [["teacher", model]],
      plugins: [library],
    });
    const expected = rankingFromTable(ranked.table("ranking"));
    expect([...expected.ids.subarray(0, 3)]).toEqual([1, 2, 3]);
    const tensors = await exported(model, "bprmf", "safetensors");
    expect(JSON.parse(readFileSync(`${tensors}/ids.json`, "utf8"))).toEqual({
      user: ["ann", "böb"],
      item: ["p", "q", "r", "s t"],
    });
    const both = await exported(model, "bprmf", "arrow");
    const sources = [
      { path: `${tensors}/model.safetensors`, user_ids: `${tensors}/ids.json`, item_ids: `${tensors}/ids.json` },
      { user_file: `${both}/user.arrow`, item_file: `${both}/item.arrow` },
    ];
    const parquet = await exported(model, "bprmf", "parquet");
    for (const paths of [...sources, { user_file: `${parquet}/user.parquet`, item_file: `${parquet}/item.parquet` }]) {
      const teacher = await runStage(runTeacher, {
        stage: "embeddings_file",
        kind: "teacher",
        plugin: library,
        params: paths as Record<string, string>,
        files: paths as Record<string, string>,
        inputs: [["events", split, "train"]],
      });
      expect(rankingFromTable(teacher.table("ranking"))).toEqual(expected);
    }
  });
});

it("a model of another kind is exported by its own tables", async () => {
  const model = await fitModel({ plugin: library, stage: "item_knn", split, params: { neighbours: 2, shrinkage: 0 } });
  const folder = await exported(model, "item_knn", "arrow");
  expect(readdirSync(folder).sort()).toEqual([
    "item-ids.arrow",
    "neighbour.arrow",
    "seen.arrow",
    "similarity.arrow",
    "user-ids.arrow",
  ]);
  expect((await readFileTables(`${folder}/similarity.arrow`)).matrices.row).toMatchObject({ rows: 4, cols: 2 });
});
