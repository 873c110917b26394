import { describe, expect, it } from "vitest";
import { agree, cellSuffix, distinctCells, project, unite, without } from "./axes.js";

const cells = [
  { seed: 0, dim: 8 },
  { seed: 1, dim: 8 },
  { seed: 0, dim: 16 },
];

describe("axes", () => {
  it("unites without repeats and closes some", () => {
    expect(unite(["a"], [], ["b", "a"])).toEqual(["a", "b"]);
    expect(without(["a", "b"], ["a"])).toEqual(["b"]);
  });

  it("projects a cell in the order of the matrix", () => {
    expect(project({ seed: 0, dim: 8 }, ["dim", "seed"])).toEqual({ seed: 0, dim: 8 });
    expect(cellSuffix(project({ seed: 0, dim: 8 }, ["dim", "seed"]))).toBe("[seed=0,dim=8]");
    expect(cellSuffix({})).toBe("");
  });

  it("keeps the first cell of each projection", () => {
    expect(distinctCells(cells, ["dim"])).toEqual([cells[0], cells[2]]);
    expect(distinctCells(cells, [])).toEqual([cells[0]]);
  });

  it("tells cells apart by what is seen, and a number from its text", () => {
    expect(agree(cells[0]!, cells[1]!, ["dim"])).toBe(true);
    expect(agree(cells[0]!, cells[1]!, ["seed"])).toBe(false);
    expect(distinctCells([{ x: 1 }, { x: "1" }], ["x"])).toHaveLength(2);
  });
});
