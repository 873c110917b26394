import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it, vi } from "vitest";
import { interactionsTsv, smallPipeline } from "./fixtures/interactions.js";
import { type Outcome, project } from "./kdp.js";

vi.setConfig({ testTimeout: 60_000 });

const there = project({ "data.tsv": interactionsTsv() });
afterAll(there.dispose);

const rows = interactionsTsv().trimEnd().split("\n");

interface Diagnostic {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly fixes: readonly { readonly title: string }[];
}

async function check(text: string): Promise<{ readonly outcome: Outcome; readonly found: readonly Diagnostic[] }> {
  there.write("bad.kdp", text);
  const outcome = await there.kdp(["check", "bad.kdp", "--json"]);
  return { outcome, found: JSON.parse(outcome.stdout).diagnostics };
}

const good = smallPipeline();
const changed = (from: string, to: string): string => {
  expect(good).toContain(from);
  return good.replace(from, to);
};

describe("mistakes in a pipeline", () => {
  it.each<[what: string, text: string, code: string, message: RegExp, at: string | null]>([
    ["a syntax error", changed("dim: 16, epochs", "dim: 16 epochs"), "KDP0005", /missing comma/, null],
    ["a misspelt statement", changed("let split", "lett split"), "KDP0004", /did you mean `let`/, "lett"],
    ["an open bracket", changed("random_split(seed: 0)", "random_split(seed: 0"), "KDP0009", /never closed/, "("],
    [
      "training on test events",
      changed("let plain = split.train", "let plain = split.test"),
      "KDP3301",
      /test events/,
      "split.test",
    ],
    [
      "distilling on validation events",
      changed("on: split.train) -> student", "on: split.valid) -> student"),
      "KDP3301",
      /valid/,
      "split.valid",
    ],
    [
      "measuring on another split than was learned from",
      changed("evaluate(on: split.test", "evaluate(on: (ratings -> random_split(seed: 1)).test"),
      "KDP3313",
      /may have trained on the test part of another split: it learned from `split\.train`/,
      "(ratings -> random_split(seed: 1)).test",
    ],
    ["an unknown stage", changed("bprmf(dim: 16", "bprfm(dim: 16"), "KDP1101", /did you mean `bprmf`/, "bprfm"],
    ["an unknown argument", changed("dim: 16, epochs", "dims: 16, epochs"), "KDP2201", /did you mean `dim`/, "dims"],
    ["an unknown loss", changed("listwise(", "listwisse("), "KDP1101", /did you mean `listwise`/, "listwisse"],
    ["a wrong type", changed("epochs: 20", 'epochs: "twenty"'), "KDP2203", /`epochs` of `bprmf` takes/, '"twenty"'],
    ["a value out of range", changed("dim: 16, epochs", "dim: 0, epochs"), "KDP2205", /`dim` must be/, "0"],
    [
      "a plugin that is not installed",
      good.replace("kdp 1\n", 'kdp 1\nuse "@acme/kdp-topology@^1.0.0" as topo\n'),
      "KDP5501",
      /@acme\/kdp-topology/,
      '"@acme/kdp-topology@^1.0.0"',
    ],
  ])("%s", async (_what, text, code, message, at) => {
    const { outcome, found } = await check(text);
    expect(outcome).toMatchObject({ code: 2, stderr: "" });
    const diagnostic = found.find((entry) => entry.severity === "error");
    expect(diagnostic, outcome.stdout).toMatchObject({ code, file: "bad.kdp" });
    expect(diagnostic?.message).toMatch(message);
    expect(Object.keys(diagnostic ?? {})).toEqual([
      ...["code", "severity", "message", "file", "line", "column", "endLine", "endColumn", "fixes"],
    ]);
    const lines = text.split("\n");
    if (diagnostic && at !== null) {
      const { line, column, endColumn } = diagnostic;
      expect(lines[line - 1]?.slice(column - 1, endColumn - 1)).toBe(at);
    }
    const pretty = await there.kdp(["check", "bad.kdp"]);
    expect(pretty.code).toBe(2);
    expect(pretty.stdout).toContain(`error[${code}]: `);
    expect(pretty.stdout).toContain(`--> bad.kdp:${diagnostic?.line}:${diagnostic?.column}`);
    expect(pretty.stdout).toContain(`= see: kdp explain ${code}`);
  });

  it("did you mean is a fix that can be applied", async () => {
    there.write("fixable.kdp", changed("bprmf(dim: 16", "bprfm(dim: 16"));
    const { code, stdout } = await there.kdp(["check", "fixable.kdp", "--fix"]);
    expect(stdout).toMatch(/fixable\.kdp: 1 fix applied; no problems/);
    expect(code).toBe(0);
  });

  it("a student as wide as its teacher is a warning, and runs", async () => {
    const { outcome, found } = await check(changed("dim: 16, epochs", "dim: 4, epochs"));
    expect(outcome.code).toBe(0);
    expect(found.map(({ code, severity }) => [code, severity])).toContainEqual(["KDP3305", "warning"]);
  });

  it("a value for no param, or beside the axis, is refused by all commands", async () => {
    there.write("good.kdp", good);
    for (const command of ["check", "plan", "run"]) {
      const unknown = await there.kdp([command, "good.kdp", "--set", "dmi=8"]);
      expect(unknown.code, command).toBe(2);
      expect(unknown.stdout + unknown.stderr, command).toContain("dim");
      const unlisted = await there.kdp([command, "good.kdp", "--set", "seed=9"]);
      expect(unlisted.code, command).toBe(2);
    }
  });

  it("a file that is not there is said by every command", async () => {
    for (const command of ["check", "plan", "run", "graph"]) {
      const { code, stdout, stderr } = await there.kdp([command, "gone.kdp"]);
      expect(code, command).toBe(2);
      expect(stdout + stderr, command).toContain("error[KDP5507]");
      expect(stdout + stderr, command).toContain("kdp init");
    }
    const json = await there.kdp(["run", "gone.kdp", "--json"]);
    expect(JSON.parse(json.stdout).diagnostics).toMatchObject([
      { code: "KDP5507", severity: "error", file: "gone.kdp" },
    ]);
  });
});

describe("data that cannot be read", () => {
  const zipped = gzipSync(rows.join("\n"));
  it.each<[what: string, name: string, content: string | Uint8Array | null, args: string, code: string, place: RegExp]>(
    [
      ["a missing file", "gone.tsv", null, "", "KDP7001", /gone\.tsv/],
      ["an empty file", "empty.tsv", "", "", "KDP7002", /empty\.tsv/],
      ["a truncated gzip file", "cut.tsv.gz", zipped.subarray(0, zipped.length >> 1), "", "KDP7003", /cut\.tsv\.gz/],
      ["one column", "one.tsv", "a\nb\nc\n", "", "KDP7004", /one\.tsv/],
      ["a wrong delimiter", "tabs.tsv", rows.join("\n"), ', delimiter: ","', "KDP7005", /tabs\.tsv:1/],
      [
        "a NaN rating",
        "nan.tsv",
        [...rows.slice(0, 9), "u1\ti1\tNaN", ...rows.slice(9)].join("\n"),
        "",
        "KDP7006",
        /nan\.tsv:10/,
      ],
      ["an infinite rating", "inf.tsv", [...rows.slice(0, 4), "u1\ti1\tinf"].join("\n"), "", "KDP7006", /inf\.tsv:5/],
      ["a ragged line", "rag.tsv", [...rows.slice(0, 5), "u1\ti1\t3\textra"].join("\n"), "", "KDP7007", /rag\.tsv:6/],
      ["a column that is not there", "named.tsv", rows.join("\n"), ', user: "who"', "KDP7008", /named\.tsv/],
    ],
  )("%s", async (_what, name, content, args, code, place) => {
    if (content !== null) there.write(name, content);
    there.write("data.kdp", smallPipeline({ source: name, dataset: args }));
    const { code: exit, stdout, stderr } = await there.kdp(["run", "data.kdp"]);
    const said = stdout + stderr;
    expect(exit, said).toBe(2);
    expect(said).toContain(`error[${code}]`);
    expect(said).toMatch(place);
    expect(said).toContain("= fix: ");
    // The line of the pipeline that asks for the file, with the file's name (or what is said of it) underlined.
    const asked = `  let ratings = dataset("${name}"${args})`;
    const line = readFileSync(there.path("data.kdp"), "utf8").split("\n").indexOf(asked) + 1;
    expect(said).toMatch(new RegExp(`(-->|:::) data\\.kdp:${line}:25\\n`));
    expect(said).toContain(`${line} | ${asked}\n   | ${" ".repeat(24)}${"^".repeat(name.length + 2)}\n`);
    expect((await there.kdp(["check", "data.kdp"])).code, "check opens no data").toBe(0);
  });

  it("a path that leaves the project needs a word", async () => {
    there.write("inner/package.json", "{}");
    there.write("inner/out.kdp", smallPipeline({ source: "../data.tsv", seeds: "[0]" }));
    const { code, stderr } = await there.kdp(["run", "inner/out.kdp"]);
    expect(code).toBe(2);
    expect(stderr).toContain("error[KDP7013]");
    expect(stderr).toContain("--allow-outside");
    expect((await there.kdp(["run", "inner/out.kdp", "--allow-outside"])).code).toBe(0);
  });
});

describe("data that is odd", () => {
  it("duplicates and users with one interaction are counted, on the screen and in the report's source", async () => {
    const odd = [...rows, ...rows.slice(1, 8), "lonely\ti1\t3"].join("\n");
    there.write("odd.tsv", odd);
    there.write("odd.kdp", smallPipeline({ source: "odd.tsv", seeds: "[0]" }));
    const { code, stdout, stderr } = await there.kdp(["run", "odd.kdp", "--out", "odd"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/warning\[KDP7101\]: 7 repeated pairs of user and item.*\(ratings\)/);
    expect(stdout).toMatch(/warning\[KDP7102\]: 1 user has a single interaction.*\(ratings\)/);
  });

  it("ids may be any text: unicode, spaces, quoted tabs", async () => {
    const ids = rows.map((line, index) => {
      const [user, item, rating] = line.split("\t");
      return index === 0 ? line : `"${user}\t名 ${user}"\tédition ${item} 📚\t${rating}`;
    });
    there.write("ids.tsv", ids.join("\n"));
    const pipeline = smallPipeline({
      source: "ids.tsv",
      seeds: "[0]",
      extra: '  export model = kd -> artifact(format: "arrow")\n',
    });
    there.write("ids.kdp", pipeline);
    const { code, stderr } = await there.kdp(["run", "ids.kdp", "--out", "ids"]);
    expect(code, stderr).toBe(0);
    const answer = await there.kdp(["recommend", "ids", "--user", "u3\t名 u3", "--top", "2"]);
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.stdout).toMatch(/édition i\d+ 📚/);
  });

  it("a cut-off beyond the catalogue is shortened, with a warning that names it and its node", async () => {
    const long = good
      .replace("metrics: [ndcg@10, recall@5]", "metrics: [ndcg@10, recall@500]")
      .replace("[0, 1]", "[0]");
    there.write("cut.kdp", long);
    const { code, stdout, stderr } = await there.kdp(["run", "cut.kdp"]);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/warning\[KDP7105\]: recall@500: the catalogue has 40 items.*\(scores\.kd\)/);
  });

  it("valid events without users stop the model that is to stop by them, and not the rest", async () => {
    const text = good.replace("[0, 1]", "[0]").replace(
      "  let teacher",
      `  let bare = ratings -> random_split(train: 0.9, valid: 0.0, test: 0.1)
  let stops = bare.train -> bprmf(dim: 4, epochs: 2, valid: bare.valid, early_stop: ndcg@10)
  export out = stops -> artifact(format: "arrow")
  let teacher`,
    );
    there.write("bare.kdp", text);
    const { code, stdout, stderr } = await there.kdp(["run", "bare.kdp"]);
    expect(code, stdout + stderr).toBe(2);
    const line = text.split("\n").findIndex((each) => each.includes("let stops")) + 1;
    expect(stdout).toContain(
      `error[KDP7104]: no user has an item in the valid events, so there is nothing to validate by\n  --> bare.kdp:${line}:`,
    );
    expect(stdout).toMatch(/kd +distilled: rrd +0\.\d{4}/);
    expect(stdout).toMatch(/held back +out +stops has no result/);
  });

  it("a model that no memory holds is refused before anything runs, by plan and run, at the width that is to blame", async () => {
    const text = good
      .replace("bprmf(dim: 16,", "bprmf(dim: 160000000,")
      .replace('dataset("data.tsv")', 'dataset("data.tsv", min_interactions: 2)');
    there.write("huge.kdp", text);
    const line = text.split("\n").findIndex((each) => each.includes("160000000")) + 1;
    // The size of the tables is known once the data were read.
    await there.kdp(["run", "huge.kdp"]);
    for (const command of ["plan", "run"]) {
      const { code, stderr } = await there.kdp([command, "huge.kdp"]);
      expect(code, stderr).toBe(3);
      expect(stderr).toMatch(new RegExp(`error\\[KDP8015\\]: .*\\n {2}--> huge\\.kdp:${line}:43\\n`));
      expect(stderr).toContain("= in: teacher\n");
    }
  });

  it.each([
    [
      "becomes NaN",
      'learning_rate: 1e6, optimizer: "sgd"',
      /error\[KDP8001\]: the loss "base" became NaN in epoch \d+/,
    ],
    ["stays finite", "learning_rate: 1e6", /error\[KDP8001\]: the loss is 1\.\de\+12 after epoch 3, .* was 0\.69/],
  ])(
    "a loss that %s but diverges is a failed run with its epoch and line, and everything else is kept",
    async (what, rate, told) => {
      const name = `${what.split(" ")[1]}.kdp`;
      const argument = "learning_rate: 0.01, valid: split.valid, seed: seed";
      const text = good.replace(argument, `${rate}, valid: split.valid, seed: seed`).replace("[0, 1]", "[0]");
      there.write(name, text);
      const { code, stdout, stderr } = await there.kdp(["run", name, "--out", "nan"]);
      expect(code, stdout + stderr).toBe(3);
      expect(stdout).toMatch(told);
      const line = text.split("\n").findIndex((each) => each.includes("1e6")) + 1;
      const column = (text.split("\n")[line - 1] ?? "").indexOf("1e6") + 1;
      expect(stdout).toContain(`--> ${name}:${line}:${column}\n`);
      expect(stdout).toMatch(/\| {2,}\^{3}\n/);
      expect(stdout).toMatch(/= fix: lower learning_rate \(now 1000000\), for example to 0\.001/);
      expect(stderr).toMatch(
        new RegExp(`^failed {2}plain\\[seed=0\\]: KDP8001 .* \\(${name}:${line}:${column}\\)$`, "m"),
      );
      expect(stdout).toContain(`to go on: kdp run ${name} --out nan`);
      const again = JSON.parse((await there.kdp(["run", name, "--json"])).stdout);
      const nodes = new Map<string, { status: string; fault: unknown }>(
        again.nodes.map((node: { id: string }) => [node.id, node]),
      );
      for (const kept of ["ratings", "split", "teacher", "scores.teacher"]) expect(nodes.get(kept)?.status).toBe("hit");
      expect(nodes.get("plain[seed=0]")).toMatchObject({
        status: "failed",
        fault: { code: "KDP8001", node: "plain[seed=0]", argument: "learning_rate", at: { file: name, line, column } },
      });
      expect(nodes.get("scores.plain[seed=0]")?.status).toBe("skipped");
    },
  );
});

it("a file that is no pipeline is told in a screen or two, errors first", async () => {
  for (const command of ["check", "run"]) {
    const { code, stdout, stderr } = await there.kdp([command, "data.tsv"]);
    expect(code).toBe(2);
    const told = stdout + stderr;
    expect(told.match(/^error\[/gm)).toHaveLength(20);
    expect(told).toMatch(/… and \d+ more; `kdp check --json` lists all/);
  }
});
