import * as Plot from "@observablehq/plot";
import { GRID } from "./axis.js";
import type { DotChart } from "./spec.js";

export function dotOptions(spec: DotChart, width: number): Plot.PlotOptions {
  const longest = Math.max(4, ...spec.rows.map((row) => row.label.length));
  const marginLeft = Math.min(Math.round(width * 0.42), 14 + Math.round(6.6 * longest));
  const fitting = Math.floor((marginLeft - 10) / 6.6);
  const shorten = (label: string): string =>
    label.length <= fitting ? label : `${label.slice(0, Math.max(1, fitting - 1))}…`;
  const dots = spec.rows.flatMap((row) => row.values.map((entry) => ({ ...entry, row: row.label, color: row.color })));
  return {
    marginLeft,
    marginRight: 16,
    marginTop: 22,
    marginBottom: 34,
    x: { label: spec.xLabel, ticks: Math.max(3, Math.round((width - marginLeft) / 90)), tickSize: 4, nice: true },
    y: {
      label: null,
      domain: spec.rows.map((row) => row.label),
      tickSize: 0,
      tickFormat: (label) => shorten(String(label)),
    },
    marks: [
      Plot.gridX(GRID),
      ...(spec.reference
        ? [
            Plot.ruleX([spec.reference.value], { stroke: "var(--muted)", strokeDasharray: "3 3" }),
            Plot.text([spec.reference], {
              x: "value",
              text: "label",
              frameAnchor: "top",
              dy: -14,
              fill: "var(--muted)",
            }),
          ]
        : []),
      ...spec.rows.map((row) =>
        Plot.tickX([row], { x: "mean", y: "label", stroke: row.color, strokeWidth: 2.5, inset: 5 }),
      ),
      ...spec.rows.map((row) =>
        Plot.dot(
          dots.filter((dot) => dot.row === row.label),
          {
            x: "value",
            y: "row",
            r: 4,
            fill: row.color,
            fillOpacity: 0.55,
            stroke: row.color,
            title: (dot: { label: string }) => dot.label,
          },
        ),
      ),
    ],
  };
}
