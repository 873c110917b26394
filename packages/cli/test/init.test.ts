import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it, vi } from "vitest";
import { interactionsTsv } from "./fixtures/interactions.js";
import { project } from "./kdp.js";

// A real training of three seeds, on whatever machine this is.
vi.setConfig({ testTimeout: 180_000 });

const csv = interactionsTsv().replaceAll("\t", ";").replace("user;item;rating", "Customer ID;Product;stars");
const there = project({ "data/shop orders.csv": csv });
afterAll(there.dispose);

describe("from a file to recommendations", () => {
  it("init writes a pipeline and says what to do next", async () => {
    const { code, stdout, stderr } = await there.kdp(["init", "data/shop orders.csv"]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain("wrote shop_orders.kdp: 960 interactions, 80 users, 40 items; teacher 16 wide, student 2");
    expect(stdout).toContain("Next:\n  kdp check shop_orders.kdp\n  kdp run shop_orders.kdp\n");
    const text = readFileSync(there.path("shop_orders.kdp"), "utf8");
    expect(text).toContain(
      '"data/shop orders.csv",\n    user: "Customer ID",\n    item: "Product",\n    rating: "stars",',
    );
    expect(text).toContain('delimiter: ";",');
  });

  it("the pipeline checks without a word", async () => {
    const { code, stdout } = await there.kdp(["check", "shop_orders.kdp"]);
    expect(stdout).toMatch(/^shop_orders\.kdp: no problems, \d+ nodes\n$/);
    expect(code).toBe(0);
  });

  it("runs to its end and exports a student", async () => {
    const { code, stdout, stderr } = await there.kdp(["run", "shop_orders.kdp", "--out", "out"]);
    // The gate may or may not hold on a toy of eighty users; nothing else may go wrong.
    expect([0, 1], stderr).toContain(code);
    expect(stdout).toMatch(/taught +distilled: rrd\b/);
    expect(existsSync(there.path("out/report.html"))).toBe(true);
    expect(existsSync(there.path("out/exports/best"))).toBe(code === 0);
  });

  it("init refuses to replace a file unless it is told to", async () => {
    const again = await there.kdp(["init", "data/shop orders.csv"]);
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toContain("shop_orders.kdp is there already");
    expect((await there.kdp(["init", "data/shop orders.csv", "--force"])).code).toBe(0);
  });

  it("init tells in options what is to be said, and where it cannot write", async () => {
    there.write("words.csv", "ann,x\nbob,y\n");
    expect((await there.kdp(["init", "words.csv"])).stderr).toContain("fix: say which: `--header` or `--no-header`");
    for (const out of ["no/such/folder/a.kdp", "data"]) {
      const { code, stderr } = await there.kdp(["init", "data/shop orders.csv", "--force", "--out", out]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: ".*" cannot be written \((ENOENT|EISDIR)\)\n {3}= fix: /);
    }
  });

  it("init prints to stdout, and takes the user's word for columns", async () => {
    there.write("odd.txt", "2024|7|x|u1\n2023|9|y|u2\n2022|7|z|u2\n");
    const args = ["init", "odd.txt", "--out", "-", "--user", "3", "--item", "1", "--timestamp", "0", "--no-header"];
    const { code, stdout } = await there.kdp(args);
    expect(code).toBe(0);
    expect(stdout).toContain('user: 3,\n    item: 1,\n    timestamp: 0,\n    header: false,\n    delimiter: "|",');
    expect(existsSync(there.path("odd.kdp"))).toBe(false);
  });

  it.each([
    ["empty.csv", "", "KDP7002"],
    ["one.csv", "a\nb\nc\n", "KDP7004"],
    ["gone.csv", null, "KDP7001"],
  ])("init says what is wrong with %s", async (name, content, problem) => {
    if (content !== null) there.write(name, content);
    const { code, stderr, stdout } = await there.kdp(["init", name]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error[${problem}]`);
    expect(stderr).toContain("= fix:");
  });
});

describe("kdp recommend", () => {
  const served = project({
    "data.tsv": interactionsTsv(),
    "served.kdp": `kdp 1
pipeline served {
  let split = dataset("data.tsv") -> random_split(seed: 0)
  let model = split.train -> bprmf(dim: 8, epochs: 30, batch: 128, learning_rate: 0.01)
  export both = model -> artifact(format: ["arrow", "safetensors"])
  export plain = model -> artifact(format: "safetensors")
  export columns = model -> artifact(format: "parquet")
}
`,
  });
  afterAll(served.dispose);

  it("answers with the source's ids, leaving out what the user met in training", async () => {
    const run = await served.kdp(["run", "served.kdp", "--out", "out"]);
    expect(run.code, run.stderr).toBe(0);
    const args = ["recommend", "out/exports/both", "--user", "u7"];
    const { code, stdout, stderr } = await served.kdp([...args, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { user, items } = JSON.parse(stdout);
    expect(user).toBe("u7");
    expect(items).toHaveLength(10);
    const scores = items.map((entry: { score: number }) => entry.score);
    expect([...scores].sort((a, b) => b - a)).toEqual(scores);
    const everything = JSON.parse(
      (await served.kdp([...args, "--json", "--top", "100", "--include-seen"])).stdout,
    ).items;
    const unseen = JSON.parse((await served.kdp([...args, "--json", "--top", "100"])).stdout).items;
    expect(everything).toHaveLength(40);
    // 12 interactions, 60 % of them for training, the rest rounded: 8.
    expect(unseen).toHaveLength(32);
    const known = new Set(
      interactionsTsv()
        .match(/^u7\ti\d+/gm)
        ?.map((line) => line.split("\t")[1]),
    );
    const left = new Set(unseen.map((entry: { item: string }) => entry.item));
    const dropped = everything.filter((entry: { item: string }) => !left.has(entry.item));
    for (const { item } of dropped) expect(known).toContain(item);
    const pretty = await served.kdp([...args, "--top", "3"]);
    expect(pretty.stdout).toMatch(/^ +item +score\n1 +i\d+ +-?\d+\.\d{4}\n2 /);
  });

  it("reads all formats alike", async () => {
    const ask = async (folder: string) =>
      JSON.parse(
        (await served.kdp(["recommend", folder, "--user", "u7", "--top", "40", "--include-seen", "--json"])).stdout,
      );
    expect(await ask("out/exports/plain")).toEqual(await ask("out/exports/both"));
    expect(await ask("out/exports/columns")).toEqual(await ask("out/exports/both"));
    const unseen = async (folder: string) => (await served.kdp(["recommend", folder, "--user", "u7"])).stdout;
    expect(await unseen("out/exports/columns")).toBe(await unseen("out/exports/both"));
    const without = await served.kdp(["recommend", "out/exports/plain", "--user", "u7"]);
    expect(without.stderr).toContain("this export does not hold training items");
  });

  it.each([
    [["out/exports/both", "--user", "u700"], 'there is no user "u700" among the 80', /did you mean u70\?/],
    [
      ["out/exports/both", "--user", "nobody at all"],
      "there is no user",
      /ids are those of the source, for example u\d/,
    ],
    [["out/exports/gone", "--user", "u7"], 'there is no export "out/exports/gone"', /name the folder of an export/],
    [
      ["out", "--user", "u7"],
      '"out" holds 3 exports',
      /name one: out\/exports\/both, out\/exports\/columns, out\/exports\/plain/,
    ],
    [["out/logs", "--user", "u7"], "holds no exported model", /artifact\(format: "arrow"\)/],
    [["out/exports/both"], "required option '--user <id>' not specified", /kdp recommend --help/],
  ])("%j is refused with a hint", async (args, message, hint) => {
    const { code, stdout, stderr } = await served.kdp(["recommend", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(hint);
  });

  it("notices a file that was cut off", async () => {
    const bytes = readFileSync(served.path("out/exports/plain/model.safetensors"));
    served.write("broken/model.safetensors", bytes.subarray(0, bytes.length - 100));
    served.write("broken/ids.json", readFileSync(served.path("out/exports/plain/ids.json")));
    const { code, stderr } = await served.kdp(["recommend", "broken", "--user", "u7"]);
    expect(code).toBe(2);
    expect(stderr).toContain("error[KDP7009]");
  });

  it.each([
    ["no ids", null, "ENOENT"],
    ["ids that are no JSON", "{", "it is no JSON"],
    ["other ids", '{"user": []}', 'has no lists "user" and "item"'],
  ])("says that an export holds %s", async (_what, ids, why) => {
    served.write("odd/model.safetensors", readFileSync(served.path("out/exports/plain/model.safetensors")));
    if (ids !== null) served.write("odd/ids.json", ids);
    const { code, stderr } = await served.kdp(["recommend", "odd", "--user", "u7"]);
    expect(code).toBe(2);
    expect(stderr).toContain(why);
    expect(stderr).toContain("fix: export the model again");
  });

  it("takes the folder of a pipeline's runs for the last of them", async () => {
    for (let i = 0; i < 2; i++) await served.kdp(["run", "served.kdp"]);
    const { stderr } = await served.kdp(["recommend", ".kdp/runs/served", "--user", "u7"]);
    expect(stderr).toContain(
      "name one: .kdp/runs/served/latest/exports/both, .kdp/runs/served/latest/exports/columns, .kdp/runs/served/latest/exports/plain",
    );
  });
});
