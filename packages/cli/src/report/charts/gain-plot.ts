import * as Plot from "@observablehq/plot";
import { GRID } from "./axis.js";
import type { GainChart } from "./spec.js";

/** Bars as wide as their cluster has users: areas are shares of the whole gain. One strip for each model, all on one scale. */
export function gainOptions(spec: GainChart, width: number): Plot.PlotOptions {
  const bars = spec.strips.flatMap(({ label, color, bars: own }) =>
    own.map((bar) => ({ ...bar, strip: label, fill: bar.gain < 0 ? "var(--bad)" : color })),
  );
  // Two users who are a cluster together may gain or lose half of everything: their bar ends where the others do.
  const told = bars.filter(({ counted }) => counted).map(({ gain }) => gain);
  const users = Math.max(1, ...bars.map(({ to }) => to));
  return {
    marginLeft: 52,
    marginRight: 12,
    marginTop: 40,
    marginBottom: 36,
    fy: { axis: null, domain: spec.strips.map(({ label }) => label), padding: 0.22 },
    x: { label: spec.xLabel, domain: [0, users], ticks: Math.max(3, Math.round(width / 130)), tickSize: 4 },
    y: {
      label: spec.yLabel,
      labelAnchor: "top",
      domain: [Math.min(0, ...told), Math.max(0, ...told)],
      nice: true,
      clamp: true,
      ticks: 3,
      tickSize: 0,
      tickFormat: signed,
    },
    marks: [
      Plot.gridY({ ...GRID, ticks: 3 }),
      ...["counted", "rest"].map((kind) =>
        Plot.rectY(
          bars.filter(({ counted }) => counted === (kind === "counted")),
          {
            x1: "from",
            x2: "to",
            y: "gain",
            fy: "strip",
            fill: "fill",
            fillOpacity: kind === "counted" ? 0.85 : 0.35,
            stroke: "var(--surface)",
            strokeWidth: 1,
            title: "title",
          },
        ),
      ),
      Plot.ruleY([0], { stroke: "var(--muted)" }),
      ...spec.strips.map(({ label, color }) =>
        Plot.text([label], {
          fy: [label],
          frameAnchor: "top-left",
          dx: 4,
          dy: -13,
          text: [label],
          fill: color,
          fontWeight: 600,
        }),
      ),
    ],
  };
}

const signed = (value: number): string =>
  value === 0 ? "0" : `${value < 0 ? "−" : "+"}${Number(Math.abs(value).toPrecision(3))}`;
