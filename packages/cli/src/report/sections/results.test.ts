import { expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { chartSpecs } from "../charts/chart-specs.js";
import { drawCharts } from "../charts/draw.js";
import { reportView } from "../view/report-view.js";
import { resultsSection } from "./results.js";

it("explains the small print once, and each protocol by itself", () => {
  const sample = sampleManifest();
  const [evaluations, others] = [
    sample.nodes.filter(({ stage }) => stage === "evaluate"),
    sample.nodes.filter(({ stage }) => stage !== "evaluate"),
  ];
  const sampled = evaluations.map((node) => ({
    ...node,
    id: `s.${node.id}`,
    params: { ...node.params, candidates: 99 },
  }));
  const view = reportView({
    ...sample,
    nodes: [...others, ...evaluations, ...sampled],
    metrics: sample.metrics.flatMap((row) => [row, { ...row, node: `s.${row.node}` }]),
  });
  const charts = chartSpecs(view);
  const text = String(resultsSection(view, charts, drawCharts(charts))?.body);
  const count = (words: string): number => text.split(words).length - 1;
  expect(text).toContain(
    "Measured on test, ranking all items, over 2\u202f960 users (12 without held-out items left out).",
  );
  expect(text).toContain("Measured on test, ranking 99 sampled candidates, over");
  expect(count("Mean ± standard deviation over 3 seeds.")).toBe(2);
  expect(count("Small print:")).toBe(1);
  expect(count("p: paired t test")).toBe(1);
  expect(count("another protocol")).toBe(1);
  expect(count("distilled: rrd + htd")).toBe(2);
});
