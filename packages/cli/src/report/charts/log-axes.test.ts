import { expect, it } from "vitest";
import { axis, powerTicks } from "./axis.js";
import { drawCharts } from "./draw.js";

it("every cost has its figure below, on a logarithmic axis too", () => {
  const points = [4100, 65_600, 262_400].map((x, i) => ({
    label: `m${i}`,
    color: "var(--s1)",
    x,
    y: 0.5 + i,
    sd: null,
  }));
  const drawn = drawCharts([
    {
      kind: "scatter",
      id: "size",
      title: "t",
      description: "d",
      widths: [310],
      height: 260,
      xLabel: "x",
      yLabel: "y",
      points,
    },
  ]);
  const drawing = drawn.get("size@310") ?? "";
  for (const text of ["4.1k", "65.6k", "262k"]) expect(drawing).toContain(`>${text}</text>`);
});

it("every power of a loss's axis has its figure beside it", () => {
  const ends = [0.15, 40] as const;
  const lines = ends.map((y, i) => ({
    label: `term${i}`,
    color: "var(--s1)",
    strong: true,
    points: [
      [1, y],
      [2, y],
    ] as const,
  }));
  const drawn = drawCharts([
    {
      kind: "lines",
      id: "loss",
      title: "t",
      description: "d",
      widths: [310],
      height: 200,
      xLabel: "x",
      yLabel: "y",
      lines,
      ends: "labels",
    },
  ]);
  const ticks = powerTicks(axis(ends, 20, [166, 28], 0.05));
  expect(ticks.length).toBeGreaterThan(2);
  for (const tick of ticks) expect(drawn.get("loss@310")).toContain(`>${tick}</text>`);
});
