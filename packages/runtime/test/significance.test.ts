import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ManifestSignificance, RuntimeFault, TOKENS } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import { LibraryProject, tastes } from "./support/library-project.js";

const PIPELINE = `kdp 1
pipeline small {
  param seed: int = 0
  matrix { seed: [0, 1] }
  let split = dataset("data.tsv") -> leave_one_out(seed: 0)
  let teacher = split.train -> bprmf(dim: 12, epochs: 6, learning_rate: 0.05, seed: 0)
  let student = bprmf(dim: 4, epochs: 3, learning_rate: 0.05, seed: seed)
  let plain = split.train -> student
  let ranked = teacher -> distill(rrd(interesting: 5, uninteresting: 5, weight: 0.1)) -> student
  let related = teacher -> distill(ftd(weight: 0.1)) -> student
  let scores = [teacher: teacher, plain: plain, ranked: ranked, related: related]
    -> each evaluate(on: split.test, metrics: [hit@5, ndcg@5, coverage@5])
}
`;

const project = () => {
  const made = new LibraryProject();
  made.write("data.tsv", tastes());
  return made;
};

const comparisons = (at: LibraryProject) => join(at.folder, ".kdp", "comparisons", "small.json");

const only = (rows: readonly ManifestSignificance[] | undefined, model: string, metric: string) => {
  const found = (rows ?? []).filter((row) => row.model === model && row.metric === metric);
  expect(found).toHaveLength(1);
  return found[0] as ManifestSignificance;
};

describe("significance of a run", () => {
  it("holds what gates compare against each other too, as claims of their own", async () => {
    const gates = `  expect mean(scores.ranked.ndcg@5 over seed) > mean(scores.related.ndcg@5 over seed) else warn
  expect scores.teacher.hit@5 > mean(scores.ranked.hit@5 over seed) else warn
  expect mean(scores.ranked.ndcg@5 over seed) > mean(scores.plain.ndcg@5 over seed) else warn
}
`;
    const { manifest } = await project().runText(PIPELINE.replace(/}\n$/, gates));
    const claims = (manifest?.significance ?? []).filter(({ gate }) => gate !== undefined);
    expect(claims.map(({ model, baseline, metric }) => `${model} ${baseline} ${metric}`)).toEqual([
      "ranked related ndcg",
      "teacher ranked hit",
    ]);
    expect(claims[0]).toMatchObject({
      gate: "mean(scores.ranked.ndcg@5 over seed) > mean(scores.related.ndcg@5 over seed)",
      evaluations: ["scores.ranked[seed=0]", "scores.ranked[seed=1]"],
      baselineEvaluations: ["scores.related[seed=0]", "scores.related[seed=1]"],
      users: 60,
      seeds: 2,
      methods: 1,
    });
    const students = (manifest?.significance ?? []).filter(({ gate }) => gate === undefined);
    expect(students).toHaveLength(4);
    const of = (model: string) =>
      students.find((row) => row.model === model && row.metric === "ndcg")?.difference ?? NaN;
    expect(claims[0]?.difference).toBeCloseTo(of("ranked") - of("related"), 12);
    // The teacher has no seed: it stands against each.
    expect(claims[1]?.evaluations).toEqual(["scores.teacher", "scores.teacher"]);
  });

  it("holds every distilled student against the plain one, user by user, and remembers the outcome", async () => {
    const at = project();
    const { manifest } = await at.runText(PIPELINE);
    const rows = manifest?.significance;
    // A metric of everybody's lists has no users to test.
    expect(rows?.map(({ model, metric }) => `${model} ${metric}`)).toEqual([
      "ranked hit",
      "ranked ndcg",
      "related hit",
      "related ndcg",
    ]);

    const row = only(rows, "ranked", "ndcg");
    const mean = (name: string): number => {
      const values = (manifest?.metrics ?? []).filter(
        ({ node, metric }) => node.startsWith(`scores.${name}[`) && metric === "ndcg",
      );
      expect(values).toHaveLength(2);
      return values.reduce((sum, { value }) => sum + value / 2, 0);
    };
    expect(row).toMatchObject({
      split: "test",
      candidates: null,
      cutoff: 5,
      baseline: "plain",
      cell: {},
      evaluations: ["scores.ranked[seed=0]", "scores.ranked[seed=1]"],
      baselineEvaluations: ["scores.plain[seed=0]", "scores.plain[seed=1]"],
      users: 60,
      seeds: 2,
      draws: 10_000,
      level: 0.95,
      methods: 2,
      t: { degrees: 59 },
    });
    expect(row.difference).toBeCloseTo(mean("ranked") - mean("plain"), 10);
    expect(row.interval?.low).toBeLessThan(row.difference);
    expect(row.interval?.high).toBeGreaterThan(row.difference);
    // Holm over the two methods: the smaller p counts twice, the larger once but never below.
    const other = only(rows, "related", "ndcg");
    const ps = [row.t?.p ?? 2, other.t?.p ?? 2];
    const low = Math.min(1, 2 * Math.min(...ps));
    expect([row.t?.holm, other.t?.holm].sort()).toEqual([low, Math.max(low, ...ps)].sort());

    // Nothing new: the memory answers, so it is not written again.
    const before = statSync(comparisons(at)).mtimeMs;
    const again = await at.runText(PIPELINE.replace("kdp 1\n", "kdp 1\n// a comment\n"));
    expect(new Set(Object.values(again.statuses))).toEqual(new Set(["hit"]));
    expect(again.manifest?.significance).toEqual(rows);
    expect(statSync(comparisons(at)).mtimeMs).toBe(before);
  }, 120_000);

  it("a memory that is lost, or is something else, is worked out again", async () => {
    const at = project();
    const { manifest } = await at.runText(PIPELINE);
    writeFileSync(comparisons(at), '{"kdpComparisons": 9}');
    const again = await at.runText(PIPELINE);
    expect(again.manifest?.significance).toEqual(manifest?.significance);
    expect(JSON.parse(readFileSync(comparisons(at), "utf8")).kdpComparisons).toBe(1);
  }, 120_000);

  it("without a plain student there is nothing to compare, and nothing is written", async () => {
    const at = project();
    const alone = PIPELINE.replace("plain: plain, ", "");
    const { manifest } = await at.runText(alone);
    expect(manifest?.significance).toEqual([]);
    expect(existsSync(comparisons(at))).toBe(false);
  }, 120_000);

  it("tables that cannot be read cost the tests, not the run", async () => {
    const at = project();
    const broken = {
      of: () => Promise.reject(new RuntimeFault({ code: "KDP8008", kind: "run", message: "torn", place: "scores" })),
    };
    const { manifest, exitCode } = await at.runText(PIPELINE, {}, (container) =>
      container.register(TOKENS.significance, { useValue: broken }),
    );
    expect(exitCode).toBe(0);
    expect(manifest?.significance).toEqual([]);
    expect(manifest?.warnings).toContainEqual({ code: "KDP8008", message: "torn", place: "scores" });
  }, 120_000);
});
