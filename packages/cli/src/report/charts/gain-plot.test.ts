import { describe, expect, it } from "vitest";
import { gainOptions } from "./gain-plot.js";
import type { GainChart } from "./spec.js";

const bar = (from: number, to: number, gain: number, counted = true) => ({ from, to, gain, counted, title: "" });
const chart = (...bars: GainChart["strips"][number]["bars"]): GainChart => ({
  kind: "gains",
  id: "gains",
  title: "Gain",
  description: "",
  widths: [800],
  height: 200,
  xLabel: "users",
  yLabel: "gain",
  strips: [{ label: "taught", color: "black", bars }],
});

describe("the scale of gains", () => {
  it("is that of the clusters that count, however far a few users went", () => {
    const { y, x } = gainOptions(chart(bar(0, 90, 0.04), bar(90, 150, -0.01), bar(150, 152, -0.5, false)), 800);
    expect(y).toMatchObject({ domain: [-0.01, 0.04], clamp: true });
    expect(x).toMatchObject({ domain: [0, 152] });
  });

  it("has zero on it", () => {
    expect(gainOptions(chart(bar(0, 90, 0.04), bar(90, 150, 0.02)), 800).y).toMatchObject({ domain: [0, 0.04] });
  });
});
