import { expect, it } from "vitest";
import { cellKey, onlyAxes, seedAxes, withoutAxes } from "./seed-axes.js";

const by = (param: string) => ({ kind: "param", param, value: "cell" }) as const;

it("an axis is a seed if it sets nothing but seeds, whatever its name", () => {
  const nodes = [
    { cell: { run: 0, dim: 8 }, origins: { seed: by("run"), dim: by("dim") } },
    { cell: { run: 0 }, origins: { candidate_seed: by("run") } },
  ];
  expect([...seedAxes(["run", "dim"], nodes)]).toEqual(["run"]);
});

it("an axis called seed that sets a width is none", () => {
  expect([...seedAxes(["seed"], [{ cell: { seed: 8 }, origins: { dim: by("seed") } }])]).toEqual([]);
});

it("an axis that nothing shows the use of goes by its name", () => {
  expect([...seedAxes(["seed", "dim"], [])]).toEqual(["seed"]);
});

it("cells are compared whatever the order of their axes", () => {
  expect(cellKey({ a: 1, b: 2 })).toBe(cellKey({ b: 2, a: 1 }));
  expect(withoutAxes({ seed: 0, dim: 8 }, new Set(["seed"]))).toEqual({ dim: 8 });
  expect(onlyAxes({ seed: 0, dim: 8 }, new Set(["seed"]))).toEqual({ seed: 0 });
});
