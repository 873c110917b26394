import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LibraryProject, tastes } from "./support/library-project.js";

const PIPELINE = `kdp 1

pipeline small {
  param seed: int = 0
  matrix { seed: [0, 1] }
  let split = dataset("data.tsv") -> leave_one_out(seed: 0)
  let teacher = split.train -> bprmf(dim: 8, epochs: 2, seed: 0)
  let student = bprmf(dim: 4, epochs: 2, seed: seed)
  let plain = split.train -> student
  let taught = teacher -> distill(rrd(interesting: 5, uninteresting: 5)) -> student
  let scores = [plain: plain, taught: taught] -> each evaluate(on: split.test, metrics: [ndcg@5])
  let picks = taught -> evaluate(on: split.valid, metrics: [ndcg@5])
  expect scores.taught.ndcg@5 >= 0
  expect mean(scores.taught.ndcg@5 over seed) > mean(scores.plain.ndcg@5 over seed) else warn
  expect scores.plain.ndcg@5 >= 0
  export best = best_of(taught, by: picks.ndcg@5, over: [seed]) -> artifact()
}
`;

function project(): LibraryProject {
  const made = new LibraryProject();
  made.write("data.tsv", tastes());
  return made;
}

/** Nodes of a plan of `only`, without what every part needs. */
async function part(at: LibraryProject, ...only: string[]) {
  const planned = await at.planText(PIPELINE, { only });
  expect(planned.faults).toEqual([]);
  return planned.nodes
    ?.map(({ id }) => id)
    .filter((id) => !["dataset", "split", "teacher"].includes(id.split("/").at(-1) ?? ""));
}

describe("a part of a pipeline", () => {
  const at = project();

  it("is a node of every cell with all that it needs", async () => {
    expect(await part(at, "scores.plain")).toEqual([
      "plain[seed=0]",
      "plain[seed=1]",
      "scores.plain[seed=0]",
      "scores.plain[seed=1]",
    ]);
  });

  it("is one cell of a node", async () => {
    expect(await part(at, "plain[seed=1]")).toEqual(["plain[seed=1]"]);
  });

  it("is several nodes, each once", async () => {
    expect(await part(at, "plain[seed=1]", "teacher", "scores.plain[seed=1]")).toEqual([
      "plain[seed=1]",
      "scores.plain[seed=1]",
    ]);
  });

  it("is the whole of a list", async () => {
    const ids = await part(at, "scores");
    expect(ids?.filter((id) => id.startsWith("scores."))).toHaveLength(4);
    expect(ids).not.toContain("picks[seed=0]");
  });

  it("is what an export would publish", async () => {
    const ids = await part(at, "best");
    expect(ids).toContain("picks[seed=1]");
    expect(ids).not.toContain("plain[seed=0]");
  });

  it("has the keys of the whole", async () => {
    const whole = await at.planText(PIPELINE);
    const some = await at.planText(PIPELINE, { only: ["scores.taught"] });
    const keys = new Map(whole.nodes?.map(({ id, key }) => [id, key]));
    expect(some.nodes?.length).toBeGreaterThan(4);
    for (const { id, key } of some.nodes ?? []) expect(key).toBe(keys.get(id));
  });

  it.each([
    ["scores.plian", "; did you mean scores.plain?"],
    ["plain[seed=2]", ""],
    ["student", ""],
  ])("%s is no node", async (name, near) => {
    const { faults, exitCode, nodes } = await at.planText(PIPELINE, { only: [name] });
    expect(nodes).toBeNull();
    expect(exitCode).toBe(2);
    expect(faults).toEqual([
      expect.objectContaining({
        code: "KDP5515",
        message: expect.stringContaining(`the pipeline small has no node "${name}"${near}`),
        place: `--only ${name}`,
      }),
    ]);
  });

  it("names the cells of a node that has others", async () => {
    const { faults } = await at.planText(PIPELINE, { only: ["plain[seed=2]"] });
    expect(faults[0]?.fix).toBe("name one of: plain[seed=0], plain[seed=1]");
  });
});

describe("a run of a part", () => {
  it("judges the gates that it can, publishes nothing, and says what it left out", async () => {
    const at = project();
    const { manifest, exitCode, folder } = await at.runText(PIPELINE, { only: ["scores.plain"] });
    expect(exitCode).toBe(0);
    expect(manifest?.gates.map(({ text, status }) => [text, status])).toEqual([["scores.plain.ndcg@5 >= 0", "passed"]]);
    expect(manifest?.exports).toEqual([]);
    expect(manifest?.blocked).toEqual([]);
    expect(existsSync(join(folder ?? "", "exports"))).toBe(false);
    expect(manifest?.part).toEqual({ only: ["scores.plain"], leftOut: { nodes: 9, gates: 2, exports: 1 } });
    expect(manifest?.metrics.map(({ node }) => node)).toEqual(["scores.plain[seed=0]", "scores.plain[seed=1]"]);
  });

  it("judges the cells of a gate that it has", async () => {
    const { manifest } = await project().runText(PIPELINE, { only: ["scores.plain[seed=1]"] });
    expect(manifest?.gates.flatMap(({ cells }) => cells.map(({ cell }) => cell))).toEqual([{ seed: 1 }]);
  });

  it("is found again by the whole, and forgets nothing of an earlier whole", async () => {
    const at = project();
    await at.runText(PIPELINE);
    const remembered = () => JSON.parse(readFileSync(join(at.folder, ".kdp/state/small.json"), "utf8"));
    const before = remembered();
    expect(before.exports).toHaveLength(1);
    await at.runText(PIPELINE, { only: ["plain"] });
    expect(Object.keys(remembered().nodes).sort()).toEqual(Object.keys(before.nodes).sort());
    expect(remembered().exports).toEqual(before.exports);
    const again = await at.runText(PIPELINE);
    expect(new Set(Object.values(again.statuses))).toEqual(new Set(["hit"]));
    expect(again.manifest?.part).toBeUndefined();
  });
});
