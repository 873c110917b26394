import { expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { reportView } from "../view/report-view.js";
import { sizeCharts } from "./result-charts.js";

const sample = sampleManifest();
const drawnWith = (latency: (name: string) => number) => {
  const nodes = sample.nodes.map((node) =>
    node.stage === "evaluate" ? { ...node, facts: { ...node.facts, latency_ms: latency(node.name) } } : node,
  );
  return sizeCharts(reportView({ ...sample, nodes })).map(({ id }) => id);
};

it("times of an answer are drawn where they differ by more than chance", () => {
  expect(drawnWith((name) => (name === "scores.teacher" ? 0.03 : 0.011))).toEqual(["size", "latency"]);
  expect(drawnWith((name) => (name === "scores.teacher" ? 0.013 : 0.011))).toEqual(["size"]);
});

it("models of one size have no picture of it", () => {
  const students = { ...sample, metrics: sample.metrics.filter(({ node }) => node !== "scores.teacher") };
  expect(sizeCharts(reportView(students))).toEqual([]);
  expect(sizeCharts(reportView({ ...sample, metrics: [] }))).toEqual([]);
});
