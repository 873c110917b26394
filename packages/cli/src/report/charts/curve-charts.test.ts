import { describe, expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { reportView } from "../view/report-view.js";
import { curveCharts } from "./curve-charts.js";

const sample = sampleManifest();

/** The sample run with epochs of the teacher made so many times as long. */
const withLongTeacher = (times: number) => ({
  ...sample,
  nodes: sample.nodes.map((node) =>
    node.name === "teacher"
      ? { ...node, curve: node.curve.map((point) => ({ ...point, epoch: times * point.epoch })) }
      : node,
  ),
});
const chartOf = (run: typeof sample, id: string) => curveCharts(reportView(run)).find((chart) => chart.id === id);

describe("the enlarged validation curves", () => {
  it("show the students, however long their teacher was trained", () => {
    const chart = chartOf(withLongTeacher(4), "validation-late");
    expect(chart?.title).toBe("The students’ second half, enlarged");
    expect([...new Set(chart?.lines.map(({ label }) => label))]).toEqual(["plain", "ranked", "related", "both"]);
    const epochs = chart?.lines.flatMap(({ points }) => points.map(([epoch]) => epoch)) ?? [];
    expect([Math.min(...epochs), Math.max(...epochs)]).toEqual([30, 60]);
    expect(chart?.description).not.toContain("teacher");
    expect(chartOf(withLongTeacher(4), "validation")?.description).toContain("teacher ends at");
  });

  it("show the teacher where there is nobody else", () => {
    const chart = chartOf(
      { ...sample, nodes: sample.nodes.filter(({ name }) => name === "teacher") },
      "validation-late",
    );
    expect(chart?.title).toBe("Its second half, enlarged");
    expect(chart?.lines.map(({ label }) => label)).toEqual(["teacher"]);
  });
});
