import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { interactionsTsv } from "./fixtures/interactions.js";
import { project } from "./kdp.js";

vi.setConfig({ testTimeout: 90_000 });

/** 80 users, 40 items, 4 groups of taste: user `u` and item `i` fit when `u % 4 == i % 4`. */
const there = project({ "data.tsv": interactionsTsv() });
afterAll(there.dispose);

const users = Array.from({ length: 80 }, (_, u) => u);
const items = Array.from({ length: 40 }, (_, i) => i);
const fits = (u: number, i: number) => u % 4 === i % 4;

type Row = readonly (string | number)[];
const tsv = (rows: readonly Row[]): string => `${rows.map((row) => row.join("\t")).join("\n")}\n`;
const pairs = (of: readonly number[], on: readonly number[], score: (u: number, i: number) => number | string) =>
  tsv([["user", "item", "score"], ...of.flatMap((u) => on.map((i): Row => [`u${u}`, `i${i}`, score(u, i)]))]);
const taste = (u: number, i: number) => (fits(u, i) ? 5 : 1) + ((7 * u + 3 * i) % 10) / 10;
/** Rows of users or items, every tenth of them zeros. */
const vectors = (side: "u" | "i", ids: readonly number[]) =>
  tsv([
    ["id", "a", "b", "c", "d"],
    ...ids.map((id): Row => [`${side}${id}`, ...[0, 1, 2, 3].map((c) => (id % 10 === 0 ? 0 : fits(id, c) ? 1 : 0.1))]),
  ]);

beforeAll(() => {
  // Two users and an item of nowhere; five users and three items of the data are missing.
  there.write("partly.tsv", pairs([...users.slice(5), 901, 902], [...items.slice(3), 999], taste));
  there.write(
    "flat.tsv",
    pairs(users, items, () => 1),
  );
  there.write("short.tsv", pairs(users, items.slice(0, 6), taste));
  there.write(
    "elsewhere.tsv",
    pairs(users, items, taste).replaceAll("\ti", "\tproduct-").replaceAll("\nu", "\ncustomer-"),
  );
  there.write(
    "nan.tsv",
    pairs(users, items, (u, i) => (u === 3 && i === 7 ? "NaN" : taste(u, i))),
  );
  there.write("users.tsv", vectors("u", users));
  there.write("items.tsv", vectors("i", items));
  there.write("broken.tsv", vectors("u", users).replace("u4\t1", "u4\tnan"));
});

interface Manifest {
  readonly exitCode: number;
  readonly nodes: readonly {
    readonly id: string;
    readonly status: string;
    readonly notes: readonly string[];
    readonly fault: { readonly code: string; readonly at?: { readonly line: number } } | null;
  }[];
  readonly metrics: readonly { readonly node: string; readonly value: number }[];
}

/** Runs a pipeline over the one split. */
async function run(name: string, body: string, source = "data.tsv") {
  there.write(
    `${name}.kdp`,
    `kdp 1

pipeline odd {
  let split = dataset("${source}") -> leave_one_out(seed: 0)
  let student = bprmf(dim: 4, epochs: 4, batch: 128, learning_rate: 0.01)
  let plain = split.train -> student
${body}}
`,
  );
  const outcome = await there.kdp(["run", `${name}.kdp`, "--out", name]);
  const manifest: Manifest = JSON.parse(readFileSync(there.path(name, "manifest.json"), "utf8"));
  const notes = (id: string): readonly string[] => manifest.nodes.find((node) => node.id === id)?.notes ?? [];
  return { ...outcome, said: outcome.stdout + outcome.stderr, manifest, notes };
}

describe("a teacher that goes with the data only in part", () => {
  it("teaches what it knows; who is unknown on either side is counted on the screen and in the manifest", async () => {
    const { code, stdout, said, manifest, notes } = await run(
      "partly",
      `  let t = split.train -> scores_file("partly.tsv", top: 20)
  let kd = t -> distill(listwise(interesting: 10, uninteresting: 10), on: split.train) -> student
  let scores = [t: t, kd: kd, plain: plain] -> each evaluate(on: split.test, metrics: [hit@10])
`,
    );
    expect(code, said).toBe(0);
    expect(stdout).toContain(
      "warning[KDP7201]: 2 of 77 user ids of partly.tsv are not in the data and left out (u901, u902)",
    );
    expect(stdout).toContain(
      "warning[KDP7201]: 1 of 38 item ids of partly.tsv are not in the data and left out (i999)",
    );
    expect(stdout).toContain("warning[KDP7207]: 5 users have no list (t)");
    expect(notes("t")).toEqual(
      expect.arrayContaining(["KDP7207: 5 users have no list", "3 items of the data are in no pair of the file"]),
    );
    expect(notes("kd")).toEqual(["KDP7204: rrd: 5 of 80 users have fewer than 10 ranked items"]);
    expect(stdout).toContain("warning[KDP7204]: rrd: 5 of 80 users have fewer than 10 ranked items (kd)");
    expect(manifest.metrics.filter(({ node }) => node === "scores.kd").map(({ value }) => value > 0.3)).toEqual([true]);
  });

  it("of other vocabularies, with NaN scores or NaN vectors is refused with file and line; the rest of the run is kept", async () => {
    const { code, stdout, said, manifest } = await run(
      "refused",
      `  let elsewhere = split.train -> scores_file("elsewhere.tsv")
  let nan = split.train -> scores_file("nan.tsv")
  let broken = split.train -> embeddings_file(user_file: "broken.tsv", item_file: "items.tsv")
  let scores = [elsewhere: elsewhere, nan: nan, broken: broken, plain: plain] -> each evaluate(on: split.test, metrics: [hit@10])
`,
    );
    expect(code, said).toBe(2);
    const told = [
      [
        "KDP7202",
        "none of the 80 user ids is among those of the data (customer-0, customer-1, customer-2, …)",
        "elsewhere.tsv",
        7,
      ],
      ["KDP7203", "the score in row 128 is NaN", "nan.tsv", 8],
      ["KDP7203", "the embedding in row 5 holds NaN", "broken.tsv", 9],
    ] as const;
    for (const [fault, message, file, line] of told) {
      expect(stdout).toContain(`error[${fault}]: ${message}\n  --> ${file}\n  ::: refused.kdp:${line}:`);
      expect(stdout).toMatch(new RegExp(`\\| .*"${file}".*\\n.* \\^{${file.length + 2}}\\n`));
    }
    const faults = manifest.nodes.flatMap(({ id, fault }) => (fault ? [[id, fault.code, fault.at?.line]] : []));
    expect(faults).toEqual([
      ["elsewhere", "KDP7202", 7],
      ["nan", "KDP7203", 8],
      ["broken", "KDP7203", 9],
    ]);
    expect(manifest.metrics.map(({ node }) => node)).toEqual(["scores.plain"]);
  });
});

describe("a teacher that says little", () => {
  it("short lists, equal scores, rows of zeros, few users for an item: each is counted and every loss stays finite", async () => {
    const { code, stdout, said, manifest, notes } = await run(
      "little",
      `  let flat = split.train -> scores_file("flat.tsv", top: 20)
  let short = split.train -> ranking_file("short.tsv", top: 20)
  let zeros = split.train -> embeddings_file(user_file: "users.tsv", item_file: "items.tsv", top: 20)
  let ranked = zeros -> rank(top: 40, item_top: 500)
  let tied = flat -> distill(rd, cd, unkd, on: split.train) -> student
  let cut = short -> distill(listwise, rd, dcd, on: split.train) -> student
  let near = zeros -> distill(ftd, htd, de, phr, hint, on: split.train) -> student
  let both = ranked -> distill(ir_rrd, on: split.train) -> student
  let scores = [flat: flat, short: short, zeros: zeros, tied: tied, cut: cut, near: near, both: both, plain: plain]
    -> each evaluate(on: split.test, metrics: [hit@10])
  // A cluster for nearly every user.
  let alone = near -> evaluate(on: split.test, metrics: [ndcg@10], clusters: plain, cluster_count: 70)
`,
    );
    expect(code, said).toBe(0);
    expect(stdout).toContain(
      "warning[KDP7205]: 80 users have equal scores for all items: the order of the file counts (flat)",
    );
    expect(notes("short")).toContainEqual(expect.stringMatching(/^KDP7204: \d+ users have fewer than 6 items$/));
    expect(notes("cut")).toEqual([
      "KDP7204: rrd: 80 of 80 users have fewer than 40 ranked items",
      "KDP7204: rd: 80 of 80 users have fewer than 10 ranked items",
      "KDP7204: dcd: 80 of 80 users have fewer than 2 x 100 ranked items",
    ]);
    expect(notes("zeros")).toEqual([
      "KDP7207: 8 users without an embedding: a row of zeros",
      "KDP7207: 4 items without an embedding: a row of zeros",
    ]);
    expect(notes("ranked")).toEqual(
      expect.arrayContaining([
        "KDP7105: there are 80 users, so item_top is 80",
        expect.stringMatching(/^KDP7204: \d+ items have fewer than 80 users to rank$/),
      ]),
    );
    const left = ["ftd", "htd", "de", "phr", "hint"].flatMap((loss) => [
      `KDP7207: ${loss}: 8 of 80 users have no teacher row and are left out`,
      `KDP7207: ${loss}: 4 of 40 items have no teacher row and are left out`,
    ]);
    expect(notes("near")).toEqual(left);
    expect(notes("both")).toContainEqual(
      expect.stringMatching(/^KDP7204: ir_rrd: \d+ of 40 items have fewer than 20 ranked users$/),
    );
    expect(notes("alone")).toContainEqual(
      expect.stringMatching(/^\d+ clusters of few users .* left out of the spread/),
    );
    const values = manifest.metrics.map(({ value }) => value);
    expect(values.length).toBeGreaterThan(8);
    expect(values.every((value) => Number.isFinite(value))).toBe(true);
  });
});

describe("users who have everything", () => {
  const lines = interactionsTsv().trimEnd().split("\n");
  const all = (ids: readonly number[]): string =>
    `${[...lines.filter((line) => !ids.some((u) => line.startsWith(`u${u}\t`))), ...ids.flatMap((u) => items.map((i) => `u${u}\ti${i}\t5`))].join("\n")}\n`;

  it("one takes no part in the training, and is counted", async () => {
    there.write("train.tsv", all([7]));
    there.write(
      "valid.tsv",
      tsv([
        ["user", "item", "rating"],
        ["u1", "i2", 5],
      ]),
    );
    there.write(
      "test.tsv",
      tsv([["user", "item", "rating"], ...users.slice(8, 20).map((u): Row => [`u${u}`, `i${(u + 1) % 40}`, 5])]),
    );
    there.write(
      "full.kdp",
      `kdp 1

pipeline full {
  let split = given_split(train: "train.tsv", valid: "valid.tsv", test: "test.tsv")
  let model = split.train -> bprmf(dim: 4, epochs: 2, batch: 128, learning_rate: 0.01)
  let scores = model -> evaluate(on: split.test, metrics: [hit@10])
}
`,
    );
    const { code, stdout, stderr } = await there.kdp(["run", "full.kdp"]);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/warning\[KDP7106\]: 1 of 80 users interacted with all 40 items; no negative .* \(model\)/);
  });

  it("when nobody has a negative there is nothing to learn: the user's error, with the model's line", async () => {
    there.write(
      "train.tsv",
      tsv([
        ["user", "item"],
        ["a", "x"],
        ["a", "y"],
        ["b", "x"],
        ["b", "y"],
      ]),
    );
    there.write(
      "test.tsv",
      tsv([
        ["user", "item"],
        ["c", "x"],
      ]),
    );
    there.write(
      "valid.tsv",
      tsv([
        ["user", "item"],
        ["c", "y"],
      ]),
    );
    const { code, stdout, stderr } = await there.kdp(["run", "full.kdp"]);
    expect(code, stdout + stderr).toBe(2);
    expect(stdout).toMatch(/error\[KDP7107\]: .*\n {2}--> full\.kdp:5:30\n/);
    expect(stdout).toContain("= in: model\n");
  });
});
