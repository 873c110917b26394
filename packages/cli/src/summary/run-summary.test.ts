import { createColors } from "picocolors";
import { describe, expect, it } from "vitest";
import { sampleManifest } from "../../test/fixtures/manifest.js";
import { failedManifest } from "../../test/fixtures/odd-manifests.js";
import { runSummary } from "./run-summary.js";

const places = {
  folder: ".kdp/runs/quickstart/1",
  report: ".kdp/runs/quickstart/1/report.html",
  resume: "kdp run q.kdp",
  frame: () => [],
};
const summary = (manifest = sampleManifest()): string => runSummary(manifest, places, createColors(false));

describe("the end of a good run", () => {
  const text = summary();
  it("has the verdict, the table with its spread, gates, exports and the report", () => {
    expect(text).toContain("All 3 distilled students beat the plain one");
    expect(text).toContain("test, all items: mean ± standard deviation over 3 seeds");
    expect(text).toMatch(/teacher\s+teacher\s+0\.\d{4}\s/);
    expect(text).toMatch(/both\s+distilled: rrd \+ htd\s+0\.\d{4} ± 0\.\d{4}.*\+0\.0\d{3} ± 0\.\d{4}/);
    expect(text).toMatch(/✓ the distilled student beats the plain one {2}0\.92\d+ > 0\.89\d+/);
    expect(text).toContain(".kdp/runs/quickstart/1/exports/best/model.safetensors (safetensors, 256 KB)");
    expect(text).toMatch(/report\s+\.kdp\/runs\/quickstart\/1\/report\.html/);
    expect(text).not.toContain("to go on");
  });
  it("says what a run of a part left out", () => {
    const part = { only: ["scores.plain", "teacher"], leftOut: { nodes: 12, gates: 2, exports: 1 } };
    expect(summary(sampleManifest({ part }))).toContain(
      "\nonly scores.plain, teacher: 12 nodes, 2 gates and 1 export left out\n",
    );
    const all = { only: ["scores"], leftOut: { nodes: 0, gates: 0, exports: 0 } };
    expect(summary(sampleManifest({ part: all }))).toContain("\nonly scores: nothing left out\n");
    expect(text).not.toContain("left out");
  });
  it("says whether users bear the first metric's differences out, and nothing of students without a test", () => {
    expect(text).toMatch(/Δ recall@50 to plain +users\n/);
    expect(text).toMatch(/ranked .* p 0\.025\n/);
    expect(text).toMatch(/both .* p < 0\.001\n/);
    expect(text).toMatch(/plain +plain student .*\d\n/);
    expect(summary(sampleManifest({ significance: [] }))).not.toContain(" users\n");
  });
  it("shows the differences of the metric that the gates are about, as the verdict does", () => {
    const [gate] = sampleManifest().gates;
    if (!gate) throw new Error("the sample has gates");
    const other = summary(sampleManifest({ gates: [{ ...gate, text: "scores.both.ndcg@50 > scores.plain.ndcg@50" }] }));
    expect(other).toMatch(/Δ ndcg@50 to plain/);
    expect(other).toMatch(/Best is \w+: ndcg@50 /);
  });
  it("names the cells in which a gate fails, with both sides", () => {
    expect(text).toMatch(/! scores\.both\.recall@50 >= 0\.99 \* scores\.teacher\.recall@50 not met \(warning only\)/);
    expect(text).toMatch(/\n {4}\[seed=0\] 0\.92\d+ >= 0\.93753/);
  });
});

describe("the end of a failed run", () => {
  const text = summary(failedManifest());
  it("has the fault with its place, fix and log, what is held back, and how to go on", () => {
    expect(text).toContain("3 nodes failed");
    expect(text).toContain("error[KDP8001]: the loss became NaN in epoch 3\n  --> both, epoch 3");
    expect(text).toContain("= fix: lower learning_rate");
    expect(text).toContain("= log: .kdp/runs/quickstart/1/logs/node.ndjson\n   = see: kdp explain KDP8001\n");
    expect(text).toMatch(/held back\s+best\s+both\[seed=0\] failed/);
    expect(text).toContain("All that was computed is kept; to go on: kdp run q.kdp");
  });
  it("tells a cause once, with all the nodes that it stopped", () => {
    expect(text.match(/error\[KDP8001\]/g)).toHaveLength(1);
    expect(text).toContain("both[seed=0], both[seed=1], both[seed=2]");
  });
});
