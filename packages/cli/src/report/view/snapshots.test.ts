import type { RunManifest } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { withSnapshots } from "../../../test/fixtures/snapshots.js";
import { reportView } from "./report-view.js";
import { summarise } from "./statistics.js";

const sample = sampleManifest();
const protocolsOf = (run: RunManifest) => reportView(run).snapshots;
const labelsOf = (run: RunManifest) => protocolsOf(run)[0]?.metrics[0]?.curves.map(({ series: { label } }) => label);

describe("snapshots", () => {
  it("are there where they were measured, and change no table", () => {
    expect(protocolsOf(sample)).toEqual([]);
    const run = withSnapshots(sample);
    expect(reportView(run).tables).toEqual(reportView(sample).tables);
    const [protocol, ...others] = protocolsOf(run);
    expect(others).toEqual([]);
    expect([protocol?.split, protocol?.candidates]).toEqual(["test", "all items"]);
    expect(protocol?.metrics.map(({ metric }) => metric)).toEqual(["recall@50", "recall@20", "ndcg@50", "ndcg@20"]);
    expect(labelsOf(run)).toEqual(["teacher", "plain", "ranked", "related", "both"]);
  });

  it("have the mean and the spread of their seeds at each epoch", () => {
    const curve = protocolsOf(withSnapshots(sample))[0]?.metrics[0]?.curves[1];
    const values = sample.metrics.filter(
      ({ node, metric, cutoff, group }) =>
        node.startsWith("scores.plain[") && metric === "recall" && cutoff === 50 && group === "all",
    );
    expect(values).toHaveLength(3);
    expect(curve?.mean?.map(({ epoch }) => epoch)).toEqual([15, 30, 45, 60]);
    const expected = summarise(values.map(({ value }) => 0.85 * value));
    expect(curve?.mean?.[1]?.summary.n).toBe(3);
    expect(curve?.mean?.[1]?.summary.mean).toBeCloseTo(expected?.mean ?? 0, 12);
    expect(curve?.mean?.[1]?.summary.sd).toBeCloseTo(expected?.sd ?? 0, 12);
  });

  it("may be of one model alone, and of a single seed", () => {
    const run = withSnapshots(sample, (node) => (node === "scores.teacher" ? [2, 4, 6, 8] : null));
    expect(labelsOf(run)).toEqual(["teacher"]);
    expect(protocolsOf(run)[0]?.metrics[0]?.curves[0]?.mean?.every(({ summary }) => summary.sd === null)).toBe(true);
  });

  it("of different epochs have no mean", () => {
    const run = withSnapshots(sample, (node) => (node.endsWith("[seed=2]") ? [10, 20, 30, 40] : [15, 30, 45, 60]));
    const curves = protocolsOf(run)[0]?.metrics[0]?.curves;
    expect(curves?.map(({ mean }) => mean === null)).toEqual([false, true, true, true, true]);
    expect(curves?.[1]?.seeds.map(({ node, values }) => [node, [...values.keys()]])).toEqual([
      ["plain[seed=0]", [15, 30, 45, 60]],
      ["plain[seed=1]", [15, 30, 45, 60]],
      ["plain[seed=2]", [10, 20, 30, 40]],
    ]);
  });

  it("are told apart by split and by candidates", () => {
    const run = withSnapshots(sample);
    const nodes = run.nodes.flatMap((node) =>
      node.stage === "evaluate"
        ? [node, { ...node, id: `sampled.${node.id}`, params: { ...node.params, candidates: 99 } }]
        : [node],
    );
    const metrics = run.metrics.flatMap((row) => [
      row,
      { ...row, split: "valid" },
      { ...row, node: `sampled.${row.node}`, value: row.value / 2 },
    ]);
    const protocols = protocolsOf({ ...run, nodes, metrics });
    expect(protocols.map(({ split, candidates }) => [split, candidates])).toEqual([
      ["test", "all items"],
      ["valid", "all items"],
      ["test", "99 sampled candidates"],
    ]);
    const end = (index: number) => protocols[index]?.metrics[0]?.curves[1]?.mean?.at(-1)?.summary.mean ?? 0;
    expect(end(2)).toBeCloseTo(end(0) / 2, 12);
  });

  it("end at their models, or it is known that they do not", () => {
    const run = withSnapshots(sample);
    expect(protocolsOf(run)[0]?.exact).toBe(true);
    const off = run.metrics.map((row) =>
      row.epoch === 60 && row.node === "scores.both[seed=1]" ? { ...row, value: row.value - 0.001 } : row,
    );
    expect(protocolsOf({ ...run, metrics: off })[0]?.exact).toBe(false);
  });

  it("without a value are left out", () => {
    const run = withSnapshots(sample);
    const none = run.metrics.map((row) =>
      row.epoch !== undefined && row.metric === "ndcg" ? { ...row, value: Number.NaN } : row,
    );
    expect(protocolsOf({ ...run, metrics: none })[0]?.metrics.map(({ metric }) => metric)).toEqual([
      "recall@50",
      "recall@20",
    ]);
  });
});
