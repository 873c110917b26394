import type { RunManifest } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import type { ScoreTable } from "./scores.js";
import { verdictOf } from "./verdict.js";

const manifest = { exitCode: 0, nodes: [], gates: [] } as unknown as RunManifest;

/** Two distilled students whose metric is off the plain one's by so much. */
function table(differences: readonly number[], lowerIsBetter: boolean): ScoreTable {
  const metric = "cluster_std@10";
  const rows = differences.map((mean, at) => ({
    series: { label: `taught${at}`, role: "distilled" },
    cells: new Map([[metric, { values: new Map(), summary: { mean: 1 + mean, sd: 0, n: 3 } }]]),
    deltas: new Map([[metric, { mean, sd: 0.001, n: 3 }]]),
    tests: new Map(),
    baseline: { label: "plain" },
  }));
  const lower = new Set(lowerIsBetter ? [metric] : []);
  return { metrics: [metric], lowerIsBetter: lower, rows } as unknown as ScoreTable;
}

describe("the headline", () => {
  it("takes more of a metric for better", () => {
    const { headline, detail } = verdictOf(manifest, [table([0.2, -0.1], false)]);
    expect(headline).toBe("1 of 2 distilled students beat the plain one");
    expect(detail).toMatch(/^Best is taught0: /);
  });

  it("takes less for better where the metric says so", () => {
    const { headline, detail } = verdictOf(manifest, [table([0.2, -0.1], true)]);
    expect(headline).toBe("1 of 2 distilled students beat the plain one");
    expect(detail).toMatch(/^Best is taught1: cluster_std@10 0\.9000, −0\.1000/);
    expect(verdictOf(manifest, [table([0.2, 0.1], true)]).headline).toBe("Distillation did not beat the plain student");
  });
});
