import type { RunManifest } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { withSnapshots } from "../../../test/fixtures/snapshots.js";
import { formatMetric } from "../../text/format.js";
import { drawCharts } from "../charts/draw.js";
import { snapshotCharts } from "../charts/snapshot-charts.js";
import { reportView } from "../view/report-view.js";
import { snapshotsSection } from "./snapshots.js";

const sample = sampleManifest();

function shown(run: RunManifest) {
  const view = reportView(run);
  const charts = snapshotCharts(view);
  const drawings = drawCharts(charts);
  return { view, charts, drawings, text: String(snapshotsSection(view, charts, drawings)?.body) };
}

describe("the snapshots of a run", () => {
  it("are a chart for every metric: a line in its band for each model, its last value beside it", () => {
    const { view, charts, drawings } = shown(withSnapshots(sample));
    expect(charts.map(({ title }) => title)).toEqual(
      ["recall@50", "recall@20", "ndcg@50", "ndcg@20"].map((metric) => `${metric} on test, by epoch`),
    );
    const [chart] = charts;
    // One seed of the teacher, three of the students.
    expect(chart?.lines.map(({ label, strong, spread }) => [label, strong, spread?.length])).toEqual([
      ["teacher", true, undefined],
      ["plain", true, 4],
      ["ranked", true, 4],
      ["related", true, 4],
      ["both", true, 4],
    ]);
    const drawing = drawings.get("snapshots-0-0@490") ?? "";
    expect(drawing.match(/<circle/g)).toHaveLength(5);
    expect(drawing.match(/fill-opacity="0.13"/g)).toHaveLength(4);
    expect(drawing).not.toContain("NaN");
    for (const row of view.tables[0]?.rows ?? []) {
      const end = formatMetric(row.cells.get("recall@50")?.summary.mean);
      expect(drawing).toContain(`>${end}</text>`);
      expect(chart?.description).toContain(`${row.series.label} ends at ${end} after epoch 60`);
    }
  });

  it("are told with what may be read out of them, and in figures", () => {
    const { view, text } = shown(withSnapshots(sample));
    expect(text).toContain("measured on the held-out events of test.");
    expect(text).toContain("Not for choosing an epoch by test");
    expect(text).toContain("± their standard deviation");
    expect(text).not.toContain("early_stop kept other epochs");
    expect(text).not.toContain("Lines may end beside");
    expect(text.match(/<table/g)).toHaveLength(4);
    const plain = view.snapshots[0]?.metrics[0]?.curves[1]?.mean?.[0]?.summary;
    expect(text).toContain(
      `<td class="num">${formatMetric(plain?.mean)}<span class="sd"> ± ${formatMetric(plain?.sd)}</span></td>`,
    );
    expect(snapshotsSection(reportView(sample), [], new Map())).toBeNull();
  });

  it("of seeds that kept different epochs are lines by themselves", () => {
    const run = withSnapshots(sample, (node) =>
      node.startsWith("scores.teacher") ? null : [1, 2, 3, 4].map((k) => k * (node.endsWith("0]") ? 5 : 7)),
    );
    const { charts, text } = shown(run);
    expect(charts[0]?.lines).toHaveLength(12);
    expect(charts[0]?.lines.some(({ spread }) => spread)).toBe(false);
    expect(charts[0]?.description).toMatch(/^plain ends at 0\.\d{4} after epoch 20, 0\.\d{4} after epoch 28, /);
    expect(text).toContain("early_stop kept other epochs of each seed");
    // Each seed has its column, its last value in bold.
    expect(text).toContain('<span class="id">plain[seed=1]</span>');
    expect(text.match(/<td class="num best">/g)).toHaveLength(4 * 12);
    expect(text).not.toContain("mean ± standard deviation");
  });

  it("are listed in the order of the report, whatever they were measured by", () => {
    const run = withSnapshots(sample);
    const metrics = run.metrics.filter(
      ({ node, epoch, metric }) => epoch === undefined || !(node === "scores.teacher" && metric === "recall"),
    );
    const legend = /<ul class="legend">.*?<\/ul>/s.exec(shown({ ...run, metrics }).text)?.[0].replace(/<[^>]+>/g, " ");
    expect(legend?.trim().split(/\s+/)).toEqual(["teacher", "plain", "ranked", "related", "both"]);
  });

  it("say so when they were measured by other means than the model", () => {
    const run = withSnapshots(sample);
    const metrics = run.metrics.map((row) => (row.epoch === undefined ? row : { ...row, value: row.value * 0.9 }));
    expect(shown({ ...run, metrics }).text).toContain("Lines may end beside the values under Results");
  });

  it("of one model with a single snapshot are a dot", () => {
    const run = withSnapshots(sample, (node) => (node === "scores.teacher" ? [60] : null));
    const { drawings, text } = shown(run);
    const drawing = drawings.get("snapshots-0-0@310") ?? "";
    expect(drawing.match(/<circle/g)).toHaveLength(1);
    expect(drawing).not.toContain("NaN");
    expect(text).toContain("One seed: no spread is known.");
  });
});
