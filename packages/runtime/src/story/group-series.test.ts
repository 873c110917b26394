import { describe, expect, it } from "vitest";
import { baselineOf } from "./baseline.js";
import { groupSeries, type SeriesNode } from "./group-series.js";

const cellParam = (param: string) => ({ kind: "param", param, value: "cell" }) as const;
const edge = (port: string, from: string) => ({ port, index: null, label: null, node: from, output: null });

const model = (name: string, seed: number, dim: number, taught: boolean): SeriesNode => ({
  id: `${name}[seed=${seed},dim=${dim}]`,
  name,
  stage: "bprmf",
  kind: "model",
  cell: { seed, dim },
  params: { dim, seed, epochs: 5 },
  origins: { dim: cellParam("dim"), seed: cellParam("seed") },
  lesson: taught ? { losses: [], baseWeight: 1 } : null,
  inputs: taught ? [edge("teachers", "teacher")] : [],
});

const teacher: SeriesNode = { ...model("teacher", 0, 8, false), id: "teacher", cell: {} };
const AXES = { seed: [0, 1], dim: [2, 4] };
const nodes = [
  teacher,
  ...[2, 4].flatMap((dim) =>
    [0, 1].flatMap((seed) => [model("plain", seed, dim, false), model("kd", seed, dim, true)]),
  ),
];

describe("series", () => {
  const series = groupSeries(nodes, AXES);
  const told = series.map(({ name, role, cell, nodes: members }) => [name, role, cell, members.length]);

  it("hold all seeds of a model, one series for each value of another axis", () => {
    expect(told).toEqual([
      ["teacher", "teacher", {}, 1],
      ["plain", "plain", { dim: 2 }, 2],
      ["kd", "distilled", { dim: 2 }, 2],
      ["plain", "plain", { dim: 4 }, 2],
      ["kd", "distilled", { dim: 4 }, 2],
    ]);
  });

  it("are held against the untaught model of the same arguments, whatever the seed", () => {
    const wide = series.find(({ name, cell }) => name === "kd" && cell.dim === 4);
    expect(wide && baselineOf(wide, series)?.cell).toEqual({ dim: 4 });
    expect(wide && baselineOf(wide, series)?.name).toBe("plain");
    const plain = series.find(({ name }) => name === "plain");
    expect(plain && baselineOf(plain, series)).toBeNull();
  });
});
