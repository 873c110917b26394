import { describe, expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { gainMaps } from "./balance.js";
import { seriesOf } from "./series.js";

const manifest = sampleManifest();
const mapsOf = (run = manifest, chief: string | null = "recall@50") => gainMaps(run, seriesOf(run), chief);

describe("gains of clusters", () => {
  it("are differences to the plain student, seed by seed, in every cluster", () => {
    const [map, ...others] = mapsOf();
    expect(others).toEqual([]);
    expect(map?.clusters.map(({ group }) => group)).toEqual(
      [...Array(10).keys()].map((i) => `cluster/${i}`).concat("cluster/rest"),
    );
    expect(map?.rows.map(({ series, baseline }) => [series.label, baseline.label])).toEqual([
      ["ranked", "plain"],
      ["related", "plain"],
      ["both", "plain"],
    ]);
    const value = (name: string, group: string) => {
      const rows = manifest.metrics.filter((row) => row.node.startsWith(`scores.${name}[`) && row.group === group);
      expect(rows).toHaveLength(3);
      return rows.reduce((sum, row) => sum + row.value / 3, 0);
    };
    map?.clusters.forEach(({ group }, i) => {
      expect(map.rows[0]?.gains[i]).toBeCloseTo(value("ranked", group) - value("plain", group), 12);
    });
  });

  it("are summed up over the clusters that are large enough, each counting once", () => {
    const row = mapsOf()[0]?.rows[0];
    const large = (row?.gains ?? []).slice(0, 10) as number[];
    const mean = large.reduce((sum, gain) => sum + gain, 0) / 10;
    expect(row?.summary?.n).toBe(10);
    expect(row?.summary?.mean).toBeCloseTo(mean, 12);
    expect(row?.summary?.sd).toBeCloseTo(Math.sqrt(large.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / 9), 12);
  });

  it("are of the metric that the report is about, or of the first that was measured in clusters", () => {
    expect(mapsOf(manifest, "ndcg@20")[0]?.metric).toBe("recall@50");
    expect(mapsOf(manifest, null)[0]?.metric).toBe("recall@50");
  });

  it("are unknown where a value is none", () => {
    const metrics = manifest.metrics.map((row) => (row.group === "cluster/2" ? { ...row, value: Number.NaN } : row));
    const row = mapsOf({ ...manifest, metrics })[0]?.rows[0];
    expect(row?.gains[2]).toBeNull();
    expect(row?.summary?.n).toBe(9);
  });

  it("are told apart by how they were measured", () => {
    // Every evaluation once more, among few candidates and with no gain at all.
    const again = (id: string) => `sampled.${id}`;
    const nodes = manifest.nodes.flatMap((node) =>
      node.stage === "evaluate"
        ? [node, { ...node, id: again(node.id), params: { ...node.params, candidates: 99 } }]
        : [node],
    );
    const metrics = manifest.metrics.flatMap((row) => [row, { ...row, node: again(row.node), value: 0.5 }]);
    const maps = mapsOf({ ...manifest, nodes, metrics });
    expect(maps.map(({ id, candidates }) => [id, candidates])).toEqual([
      ["gains-0", "all items"],
      ["gains-1", "99 sampled candidates"],
    ]);
    expect(maps[0]?.rows).toEqual(mapsOf()[0]?.rows);
    expect(maps[1]?.rows.flatMap(({ gains }) => gains).every((gain) => gain === 0)).toBe(true);
  });

  it("need clusters, and a plain student", () => {
    const whole = { ...manifest, metrics: manifest.metrics.filter(({ group }) => group === "all") };
    expect(mapsOf(whole)).toEqual([]);
    const taught = {
      ...manifest,
      nodes: manifest.nodes.filter(({ name }) => name !== "plain" && name !== "scores.plain"),
    };
    expect(mapsOf(taught)).toEqual([]);
  });
});
