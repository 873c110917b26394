import type { RunManifest } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { reportView } from "./report-view.js";
import { outcomeOf, pairedDifferences } from "./scores.js";
import { differenceOf, summarise } from "./statistics.js";

describe("statistics", () => {
  it("spread is the sample standard deviation", () => {
    expect(summarise([1, 2, 3, 4])).toEqual({ n: 4, mean: 2.5, sd: Math.sqrt(5 / 3) });
  });
  it("one value has no spread, none has nothing", () => {
    expect(summarise([0.5])).toEqual({ n: 1, mean: 0.5, sd: null });
    expect(summarise([])).toBeNull();
  });
  it("a difference counts from two standard errors on", () => {
    // Standard error .01: the sample deviation .02 of four seeds, by two.
    expect(differenceOf({ n: 4, mean: 0.021, sd: 0.02 })).toBe("better");
    expect(differenceOf({ n: 4, mean: 0.019, sd: 0.02 })).toBe("unclear");
    expect(differenceOf({ n: 4, mean: -0.021, sd: 0.02 })).toBe("worse");
    expect(differenceOf({ n: 1, mean: 0.5, sd: null })).toBe("unclear");
    expect(differenceOf({ n: 3, mean: 0.01, sd: 0 })).toBe("better");
  });
  it("differences pair seed with seed; a lone reference stands against all", () => {
    const a = new Map([
      ["s0", 3],
      ["s1", 5],
      ["s2", 9],
    ]);
    expect(
      pairedDifferences(
        a,
        new Map([
          ["s0", 1],
          ["s1", 2],
        ]),
      ),
    ).toEqual([2, 3]);
    expect(pairedDifferences(a, new Map([["[]", 1]]))).toEqual([2, 4, 8]);
  });
});

const row = (manifest: RunManifest, label: string) =>
  reportView(manifest).tables[0]?.rows.find((candidate) => candidate.series.label === label);

describe("score tables", () => {
  const view = reportView(sampleManifest());
  it("put teachers first and distilled students last, with their spread", () => {
    expect(view.tables).toHaveLength(1);
    const [table] = view.tables;
    expect(table?.rows.map((entry) => [entry.series.label, entry.series.role])).toEqual([
      ["teacher", "teacher"],
      ["plain", "plain"],
      ["ranked", "distilled"],
      ["related", "distilled"],
      ["both", "distilled"],
    ]);
    expect(table?.metrics).toEqual(["recall@50", "recall@20", "ndcg@50", "ndcg@20"]);
    expect(table?.rows[1]?.cells.get("recall@50")?.summary.n).toBe(3);
    expect(table?.rows[0]?.cells.get("recall@50")?.summary.sd).toBeNull();
  });

  it("compare a student with the plain one seed by seed", () => {
    const both = row(sampleManifest(), "both");
    const plain = row(sampleManifest(), "plain");
    const values = [...(both?.cells.get("recall@50")?.values.values() ?? [])];
    const reference = [...(plain?.cells.get("recall@50")?.values.values() ?? [])];
    const expected = summarise(values.map((value, seed) => value - (reference[seed] ?? Number.NaN)));
    expect(both?.deltas.get("recall@50")).toEqual(expected);
    expect(plain?.deltas.size).toBe(0);
  });

  it("hold the tests of their own protocol, and leave clusters of users to the picture", () => {
    const manifest = sampleManifest();
    const [table, ...others] = reportView(manifest).tables;
    expect(others).toEqual([]);
    const tests = (name: string) => [...(table?.rows.find(({ series }) => series.name === name)?.tests.keys() ?? [])];
    expect(tests("ranked")).toEqual(["recall@50", "ndcg@50"]);
    expect(tests("plain")).toEqual([]);
    const elsewhere = manifest.significance.map((test, i) =>
      i % 2 === 0 ? { ...test, split: "valid" } : { ...test, candidates: 499 },
    );
    const moved = reportView({ ...manifest, significance: elsewhere }).tables[0];
    expect(moved?.rows.flatMap((row) => [...row.tests])).toEqual([]);
  });
  it("leave a metric without a value empty, and compare nothing with it", () => {
    const manifest = sampleManifest();
    const metrics = manifest.metrics.map((row) => (row.metric === "ndcg" ? { ...row, value: Number.NaN } : row));
    const table = reportView({ ...manifest, metrics }).tables[0];
    const both = table?.rows.find(({ series }) => series.name === "both");
    expect(table?.metrics).toContain("ndcg@50");
    expect([both?.cells.has("ndcg@50"), both?.deltas.has("ndcg@50")]).toEqual([false, false]);
    expect(both?.deltas.has("recall@50")).toBe(true);
  });
  it("know of which metrics less is better", () => {
    const manifest = sampleManifest();
    const nodes = manifest.nodes.map((node) =>
      node.stage === "evaluate" ? { ...node, facts: { ...node.facts, lower_is_better: ["ndcg@20"] } } : node,
    );
    const table = reportView({ ...manifest, nodes }).tables[0];
    const both = table?.rows.find(({ series }) => series.name === "both");
    expect(table && both && outcomeOf(both, "recall@50", table)).toBe("better");
    expect(table && both && outcomeOf(both, "ndcg@20", table)).toBe("worse");
    const plain = table?.rows.find(({ series }) => series.name === "plain");
    expect(table && plain && outcomeOf(plain, "recall@50", table)).toBeNull();
  });
  it("compare with no student of other arguments", () => {
    const manifest = sampleManifest();
    const nodes = manifest.nodes.map((node) =>
      node.name === "plain" ? { ...node, params: { ...node.params, dim: 8 } } : node,
    );
    expect(row({ ...manifest, nodes }, "both")?.baseline).toBeNull();
  });

  it("keep protocols apart", () => {
    const manifest = sampleManifest();
    const nodes = manifest.nodes.map((node) =>
      node.name === "scores.both" ? { ...node, params: { ...node.params, candidates: 499 } } : node,
    );
    const tables = reportView({ ...manifest, nodes }).tables;
    expect(tables.map((table) => [table.candidates, table.rows.length])).toEqual([
      ["all items", 4],
      ["499 sampled candidates", 1],
    ]);
  });

  it("make a row of each cell of an axis that is no seed", () => {
    const manifest = sampleManifest();
    const cell = (id: string) => ({ seed: Number(/seed=(\d)/.exec(id)?.[1]), dim: 8 });
    const nodes = manifest.nodes.map((node) => (node.name === "both" ? { ...node, cell: cell(node.id) } : node));
    expect(row({ ...manifest, nodes, axes: { ...manifest.axes, dim: [8] } }, "both[dim=8]")?.series.nodes).toHaveLength(
      3,
    );
  });
});

describe("the verdict", () => {
  it("names the gain with its spread", () => {
    const { verdict } = reportView(sampleManifest());
    expect(verdict.tone).toBe("good");
    expect(verdict.headline).toBe("All 3 distilled students beat the plain one");
    expect(verdict.detail).toMatch(
      /^Best is both: recall@50 0\.92\d\d, \+0\.03\d\d ± 0\.\d{4} against plain over 3 seeds\.$/,
    );
  });

  it("claims no gain that the seeds do not bear out", () => {
    const manifest = sampleManifest();
    const noise: Readonly<Record<number, number>> = { 0: 0.05, 1: -0.02, 2: -0.02 };
    const metrics = manifest.metrics.map((entry) => {
      const plain = manifest.metrics.find(
        (other) => other.node === entry.node.replace(/both|ranked|related/, "plain") && other.metric === entry.metric,
      );
      const seed = Number(entry.cell.seed ?? 0);
      return /both|ranked|related/.test(entry.node)
        ? { ...entry, value: (plain?.value ?? 0) + (noise[seed] ?? 0) }
        : entry;
    });
    const { verdict } = reportView({ ...manifest, metrics });
    expect(verdict.tone).toBe("neutral");
    expect(verdict.headline).toBe(
      "The best distilled student is ahead of the plain one by no more than the seeds differ",
    );
  });

  it("says that one seed is one seed", () => {
    const manifest = sampleManifest();
    const metrics = manifest.metrics.filter((entry) => Number(entry.cell.seed ?? 0) === 0);
    const { verdict } = reportView({ ...manifest, metrics });
    expect(verdict.headline).toBe("The best distilled student is ahead of the plain one on the one seed that was run");
  });

  it("does not hide that distillation failed", () => {
    const manifest = sampleManifest();
    const metrics = manifest.metrics.map((entry) =>
      /both|rank|relat/.test(entry.node) ? { ...entry, value: entry.value - 0.1 } : entry,
    );
    const { verdict } = reportView({ ...manifest, metrics });
    expect(verdict.tone).toBe("bad");
    expect(verdict.headline).toBe("Distillation did not beat the plain student");
    expect(verdict.detail).toContain("−0.0");
  });

  it("puts failed nodes and gates above the figures", () => {
    const manifest = sampleManifest();
    const gates = manifest.gates.map((gate) => ({ ...gate, status: "failed" as const }));
    expect(reportView({ ...manifest, gates }).verdict).toMatchObject({ tone: "bad", headline: "2 gates not met" });
    const nodes = manifest.nodes.map((node) => (node.id === "teacher" ? { ...node, status: "failed" as const } : node));
    expect(reportView({ ...manifest, nodes }).verdict.headline).toBe("1 node failed");
  });

  it("says so when nothing was measured", () => {
    const verdict = reportView(sampleManifest({ metrics: [], gates: [] })).verdict;
    expect(verdict).toEqual({ tone: "neutral", headline: "Run complete", detail: "Nothing was evaluated." });
  });
});
