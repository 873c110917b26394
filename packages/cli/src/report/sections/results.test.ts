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

it("tests what gates compare beside what the teacher brought, and not in its place", () => {
  const sample = sampleManifest();
  const [first] = sample.significance;
  if (!first) throw new Error("the sample has tests");
  const claim = { ...first, model: "both", baseline: "ranked", gate: "the gate", difference: 0.0123, methods: 1 };
  const render = (significance: typeof sample.significance): string => {
    const view = reportView({ ...sample, significance });
    const charts = chartSpecs(view);
    return String(resultsSection(view, charts, drawCharts(charts))?.body);
  };
  const text = render([...sample.significance, claim]);
  expect(text).toContain("Tests of the differences to the plain student, and of what gates compare, user by user");
  expect(text).toMatch(
    /both<\/span> against <span class="id">ranked<\/span><\/th><td>recall@50<\/td><td class="num">\+0\.0123/,
  );
  expect(render([claim])).toContain("Tests of what gates compare, user by user");
  // The table of results shows a student's test against its plain one alone.
  const results = (page: string): string => page.split('<details class="tests">')[0] as string;
  expect(results(text)).toBe(results(render(sample.significance)));
});
