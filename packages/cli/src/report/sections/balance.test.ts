import { expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { balanceCharts } from "../charts/balance-charts.js";
import { REST } from "../view/balance.js";
import { reportView } from "../view/report-view.js";
import { balanceSection } from "./balance.js";

it("says that clusters are too small instead of drawing none of them", () => {
  const sample = sampleManifest();
  const small = sampleManifest({
    metrics: sample.metrics.filter(({ group }) => !group.startsWith("cluster/") || group === REST),
    nodes: sample.nodes.map((node) =>
      node.stage === "evaluate" ? { ...node, facts: { ...node.facts, cluster_users: { [REST]: 40 } } } : node,
    ),
  });
  const view = reportView(small);
  expect(balanceCharts(view)).toEqual([]);
  const text = String(balanceSection(view, [], new Map())?.body);
  expect(text).toContain("No cluster has enough users on test to tell anything");
  expect(text).not.toContain("Infinity");
  expect(text).not.toContain("<table");
});
