import * as Plot from "@observablehq/plot";
import { type Axis, axis, compact, GRID } from "./axis.js";
import { placeLabels } from "./place-labels.js";
import type { ScatterChart } from "./spec.js";

const MARGIN = { marginTop: 30, marginBottom: 36, marginLeft: 48, marginRight: 20 } as const;
const INSET = 18;

export function scatterOptions(spec: ScatterChart, width: number): Plot.PlotOptions {
  const { marginTop, marginBottom, marginLeft, marginRight } = MARGIN;
  const xs = spec.points.map((point) => point.x);
  const spans = spec.points.flatMap((point) => [point.y - (point.sd ?? 0), point.y + (point.sd ?? 0)]);
  const x = axis(xs, 3, [marginLeft + INSET, width - marginRight - INSET], 0);
  const y = axis(spans, Number.POSITIVE_INFINITY, [spec.height - marginBottom, marginTop], 0.05);
  const placed = besidePoints(spec, x, y);
  return {
    ...MARGIN,
    x: {
      label: spec.xLabel,
      type: x.type,
      domain: [...x.domain],
      inset: INSET,
    },
    y: { label: spec.yLabel, ticks: 5, tickSize: 0, domain: [...y.domain] },
    marks: [
      // With `tickFormat` a logarithmic axis writes only some of its ticks.
      Plot.axisX(apart(xs, x), { text: compact, tickSize: 4 }),
      Plot.gridY({ ...GRID, ticks: 5 }),
      ...spec.points
        .filter((point) => point.sd !== null)
        .map((point) =>
          Plot.ruleX([point], {
            x: "x",
            y1: point.y - (point.sd ?? 0),
            y2: point.y + (point.sd ?? 0),
            stroke: point.color,
            strokeWidth: 1.5,
          }),
        ),
      ...spec.points.map((point) =>
        Plot.dot([point], { x: "x", y: "y", r: 5, fill: point.color, stroke: "var(--surface)", title: "label" }),
      ),
      ...placed.map((point) =>
        Plot.text([point], {
          x: "x",
          y: "y",
          text: "label",
          fill: point.color,
          textAnchor: point.anchor,
          dx: point.dx,
          dy: point.shift,
        }),
      ),
    ],
  };
}

/** The costs that occur, as ticks: a reader wants these and not round numbers. Those too near another are left out. */
function apart(values: readonly number[], x: Axis): number[] {
  const kept: number[] = [];
  for (const value of [...new Set(values)].sort((a, b) => a - b)) {
    const last = kept.at(-1);
    if (last === undefined || x.place(value) - x.place(last) > 44) kept.push(value);
  }
  return kept;
}

/** Labels right of a point, left of it in the right half. */
function besidePoints(spec: ScatterChart, x: Axis, y: Axis) {
  const middle = (x.place(x.domain[0]) + x.place(x.domain[1])) / 2;
  const labels = spec.points.map((point) => {
    const anchor = x.place(point.x) > middle ? ("end" as const) : ("start" as const);
    return { ...point, anchor, dx: anchor === "start" ? 9 : -9 };
  });
  const shifts = placeLabels(
    labels.map(({ label, anchor, dx, ...point }) => ({
      x: x.place(point.x) + dx,
      y: y.place(point.y),
      text: label,
      anchor,
    })),
    {
      top: MARGIN.marginTop,
      bottom: spec.height - MARGIN.marginBottom,
      dots: spec.points.map((point) => ({ x: x.place(point.x), y: y.place(point.y) })),
    },
  );
  // Who is left out stands in the table below, and under the pointer.
  return labels.flatMap((label, index) => {
    const shift = shifts[index];
    return shift === null || shift === undefined ? [] : [{ ...label, shift }];
  });
}
