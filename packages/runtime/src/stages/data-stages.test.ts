import { defineSplit, type Plugin } from "@kdp/plugin-api";
import library from "@kdp/plugins";
import { describe, expect, it } from "vitest";
import { instEval, SKIPPED, sharedData } from "../../test/support/shared-data.js";
import { type Ran, runStage } from "../../test/support/stage-harness.js";
import { tempFolder } from "../../test/support/temp-folder.js";
import type { FaultData } from "../faults.js";
import { interactionsFromTable, toInteractions } from "../tables/interactions.js";
import { vocabularyFromTable } from "../tables/vocabulary.js";
import { run as runDataset } from "./dataset.js";
import { run as runSplit } from "./split.js";

const files = tempFolder();

const dataset = (source: string, params = {}) =>
  runStage(runDataset, { stage: "dataset", kind: "core", params, files: { source } });

const split = (stage: string, data: Ran, params = {}, plugin: Plugin = library) =>
  runStage(runSplit, { stage, kind: "split", plugin, params, inputs: [["dataset", data]] });

const given = (paths: Readonly<Record<string, string>>, params = {}) =>
  runStage(runSplit, { stage: "given_split", kind: "split", plugin: library, params, files: paths });

const faultOf = (work: Promise<unknown>): Promise<FaultData> =>
  work.then(
    () => Promise.reject(new Error("nothing thrown")),
    (error: { data?: FaultData }) => error.data ?? Promise.reject(error),
  );

const pairs = (ran: Ran, part: string): string[] => {
  const table = interactionsFromTable(ran.table(part));
  const users = vocabularyFromTable(ran.table("user-ids"));
  const items = vocabularyFromTable(ran.table("item-ids"));
  return Array.from(table.user, (user, row) => `${users[user]} ${items[table.item[row] as number]}`);
};

describe("dataset", () => {
  it("reads InstEval whole", async () => {
    const data = await dataset(instEval);
    expect(data.facts).toMatchObject({ users: 2972, items: 1128, interactions: 73421, duplicates: 0 });
    expect(pairs(data, "interactions").slice(0, 2)).toEqual(["1 1002", "1 1050"]);
    expect(interactionsFromTable(data.table("interactions")).timestamp?.slice(0, 2)).toEqual(
      BigInt64Array.of(-2n, -1n),
    );
  });

  it("passes its arguments on", async () => {
    const path = await files.write("a.csv", "what;who;stars\np;x;1\np;y;5\nq;y;5\nq;x;4\n");
    const data = await dataset(path, { user: "who", item: 0, rating: "stars", min_rating: 4, core: 1 });
    expect(pairs(data, "interactions")).toEqual(["y p", "y q", "x q"]);
    expect((await faultOf(dataset(path, { user: "who", item: 0, core: 9 }))).code).toBe("KDP7104");
  });

  // Counted in the published data: `min_interactions` once, both once, and the iterated core.
  const citeulike = sharedData("citeulike-t");
  it.skipIf(!citeulike)(`filters CiteULike to the published sizes ${SKIPPED}`, async () => {
    const sizes = async (params: object) => {
      const { users, items, interactions } = (await dataset(citeulike as string, params)).facts;
      return [users, items, interactions];
    };
    expect(await sizes({ min_interactions: 5 })).toEqual([5219, 25181, 125580]);
    expect(await sizes({ min_interactions: 10, min_item_interactions: 10 })).toEqual([2735, 3024, 52133]);
    expect(await sizes({ core: 5 })).toEqual([3527, 6339, 77546]);
  });
});

describe("split", () => {
  it("leave_one_out of InstEval: the same for one seed, another for another", async () => {
    const data = await dataset(instEval);
    const first = await split("leave_one_out", data, { seed: 1 });
    // 2,972 users, of whom 16 have fewer than three interactions.
    expect(first.facts).toMatchObject({ users: 2972, items: 1128, train: 67509, valid: 2956, test: 2956 });
    expect(first.notes).toContain("16 users have fewer than 3 interactions: all of them train");
    const again = await split("leave_one_out", data, { seed: 1 });
    const other = await split("leave_one_out", data, { seed: 2 });
    expect(pairs(again, "test")).toEqual(pairs(first, "test"));
    expect(pairs(other, "test")).not.toEqual(pairs(first, "test"));
    const all = [...pairs(first, "train"), ...pairs(first, "valid"), ...pairs(first, "test")].sort();
    expect(all).toEqual(pairs(data, "interactions").sort());
  });

  const citeulike = sharedData("citeulike-t");
  it.skipIf(!citeulike)(`leave_one_out and random_split of CiteULike have the published sizes ${SKIPPED}`, async () => {
    const data = await dataset(citeulike as string, { min_interactions: 5 });
    expect((await split("leave_one_out", data)).facts).toMatchObject({ train: 115142, valid: 5219, test: 5219 });
    const shares = await split("random_split", data, { paired: true });
    // HetComp's rule: 78,958 training interactions whatever the seed; what is held out depends on the draw.
    expect(shares.facts).toMatchObject({ train: 78958 });
    for (const part of ["valid", "test"]) expect(Math.abs((shares.facts[part] as number) - 20823)).toBeLessThan(120);
    expect(Math.abs((shares.facts.users_with_test as number) - 4719)).toBeLessThan(60);
    expect(shares.facts.cold_test).toBe(0);
  });

  it("counts test items that training never saw, and users without test items", async () => {
    const data = await dataset(await files.write("b.tsv", "user\titem\na\tp\na\tq\na\tr\nb\tp\n"));
    const parts = await split("leave_one_out", data);
    expect(parts.facts).toMatchObject({ train: 2, valid: 1, test: 1 });
    expect(parts.notes.at(-1)).toBe("KDP7108: 1 user has no test item");
    const cold = parts.facts.cold_test as number;
    const trained = new Set(pairs(parts, "train").map((pair) => pair.split(" ")[1]));
    expect(cold).toBe(pairs(parts, "test").filter((pair) => !trained.has(pair.split(" ")[1])).length);
  });

  it("time_split without time stamps says what is missing", async () => {
    const data = await dataset(await files.write("c.tsv", "a\tp\na\tq\n"), { header: false });
    expect(await faultOf(split("time_split", data))).toMatchObject({
      code: "KDP7008",
      kind: "user",
      place: "time_split",
    });
  });

  it("reports the fault of an argument as the user's", async () => {
    const data = await dataset(await files.write("d.tsv", "1\t2\n1\t3\n"));
    expect(await faultOf(split("random_split", data, { train: 0.9 }))).toMatchObject({ code: "KDP7107", kind: "user" });
  });

  it("refuses to go on when nothing is left to train on, or a plugin tears a row", async () => {
    const data = await dataset(await files.write("e.tsv", "1\t2\n1\t3\n"));
    const bad = (rows: { train: Int32Array; valid: Int32Array; test: Int32Array }): Plugin => ({
      name: "@test/splits",
      version: "1.0.0",
      api: "^1.0.0",
      splits: {
        bad: defineSplit({ doc: "A split that goes wrong.", params: {}, split: () => ({ ...rows, notes: [] }) }),
      },
    });
    const none = new Int32Array();
    const one = Int32Array.of(0);
    expect(await faultOf(split("bad", data, {}, bad({ train: none, valid: one, test: none })))).toMatchObject({
      code: "KDP7104",
    });
    expect(await faultOf(split("bad", data, {}, bad({ train: one, valid: one, test: none })))).toMatchObject({
      code: "KDP8007",
      message: "split bad of plugin @test/splits gave row 0 to valid, which is in two parts",
    });
    expect(
      (await faultOf(split("bad", data, {}, bad({ train: one, valid: none, test: Int32Array.of(9) })))).message,
    ).toContain("row 9 to test, which does not exist");
  });
});

describe("given_split", () => {
  it("unites the files, widens the universe, and keeps held-out parts apart from training", async () => {
    const ran = await given({
      train: await files.write("train.tsv", "1\t10\n1\t11\n2\t10\n1\t10\n"),
      valid: await files.write("valid.tsv", "1\t12\n2\t10\n"),
      test: await files.write("test.tsv", "1\t13\n1\t12\n3\t11\n"),
      items: await files.write("items.txt", "item_id\n10\n99\nfilm 7\n"),
    });
    expect(vocabularyFromTable(ran.table("user-ids"))).toEqual(["1", "2", "3"]);
    expect(vocabularyFromTable(ran.table("item-ids"))).toEqual(["10", "11", "12", "13", "99", "film 7"]);
    expect([pairs(ran, "train"), pairs(ran, "valid"), pairs(ran, "test")]).toEqual([
      ["1 10", "1 11", "2 10"],
      ["1 12"],
      ["1 13", "3 11"],
    ]);
    expect(ran.facts).toMatchObject({ users: 3, items: 6, train: 3, valid: 1, test: 2, cold_test: 1 });
    expect(ran.notes).toEqual(
      expect.arrayContaining([
        "2 items of the universe in no part",
        "KDP7101: train: 1 repeated pair left out, the first kept",
        "KDP7109: 1 pair of valid left out: also in train",
        "KDP7109: 1 pair of test left out: also in train or valid",
        "KDP7103: 1 test interaction of items that training never saw (they count)",
        "KDP7108: 1 user has no test item",
      ]),
    );
  });

  it("names the file that is wrong", async () => {
    const good = await files.write("good.tsv", "1\t10\n");
    const cut = await files.write("cut.tsv", "1\n");
    expect(await faultOf(given({ train: good, valid: cut, test: good }))).toMatchObject({
      code: "KDP7004",
      place: cut,
    });
    const wide = await files.write("wide.txt", "1\t2\n");
    expect(await faultOf(given({ train: good, valid: good, test: good, items: wide }))).toMatchObject({
      code: "KDP7007",
      place: `${wide}:1`,
    });
  });

  const parts = ["train", "valid", "test"].map((part) => sharedData(`citeulike-t-td-loo.${part}`));
  it.skipIf(parts.includes(null))(`reads the Topology Distillation split of CiteULike ${SKIPPED}`, async () => {
    const [train, valid, test] = parts as string[];
    const ran = await given({ train: train as string, valid: valid as string, test: test as string });
    expect(ran.facts).toMatchObject({
      users: 5219,
      items: 25181,
      train: 115142,
      valid: 5219,
      test: 5219,
      cold_test: 299,
    });
    const events = interactionsFromTable(ran.table("train"));
    expect(toInteractions(events, 5219, 25181).itemIds.length).toBe(115142);
  });
});
