import * as Plot from "@observablehq/plot";
import { formatMetric } from "../../text/format.js";
import { type Axis, axis, compact, GRID, powerTicks } from "./axis.js";
import { keepOrder, placeLabels } from "./place-labels.js";
import type { ChartLine, LineChart } from "./spec.js";

const MARGIN = { marginTop: 28, marginBottom: 34, marginLeft: 46 } as const;

/** Pixels from the end of a line to its label. */
const BESIDE_DOT = 6;

/** Loss terms a factor of 20 apart would hide each other's shape on a linear scale. */
const LOSS_LOG_FROM = 20;

export function lineOptions(spec: LineChart, width: number): Plot.PlotOptions {
  const { marginTop, marginBottom, marginLeft } = MARGIN;
  const drawn = spec.lines.filter((line) => line.points.length > 0);
  const values = drawn.flatMap((line) => [
    ...line.points.map(([, y]) => y),
    ...(line.spread ?? []).flatMap(([, low, high]) => [low, high]),
  ]);
  const terms = new Set(spec.lines.map((line) => line.label)).size;
  const y = axis(
    values,
    spec.ends === "labels" && terms > 1 ? LOSS_LOG_FROM : Number.POSITIVE_INFINITY,
    [spec.height - marginBottom, marginTop],
    0.05,
  );
  const longest = Math.max(0, ...drawn.map((line) => endText(line, spec).length));
  const marginRight = spec.ends === "nothing" ? 12 : 14 + 6.2 * longest;
  const epochs = drawn.flatMap((line) => line.points.map(([epoch]) => epoch));
  const x = axis(epochs, Number.POSITIVE_INFINITY, [marginLeft, width - marginRight], 0);
  const powers = y.type === "log" ? powerTicks(y) : null;
  const ticks = powers ?? Math.max(3, Math.round(spec.height / 55));
  return {
    ...MARGIN,
    marginRight,
    x: {
      label: spec.xLabel,
      domain: [...x.domain],
      ticks: epochTicks(x, Math.max(3, Math.round(width / 90))),
      tickFormat: "d",
      tickSize: 4,
    },
    y: {
      label: spec.yLabel,
      type: y.type,
      domain: [...y.domain],
      ticks,
      tickSize: 0,
    },
    marks: [
      // With `tickFormat` a logarithmic axis writes only some of its ticks.
      ...(powers ? [Plot.axisY(powers, { text: compact, tickSize: 0 })] : []),
      Plot.gridY({ ...GRID, ticks }),
      ...drawn.flatMap(({ spread, color }) => (spread ? [Plot.areaY(spread, bandStyle(color))] : [])),
      // Lines are drawn one by one: a dash pattern or a width is constant within a mark.
      ...drawn.map((line) => Plot.line(line.points, lineStyle(line))),
      ...(spec.ends === "values" ? drawn.map(endDot) : []),
      ...endLabels(drawn, spec, x, y),
    ],
  };
}

/** A few epochs are ticks themselves: between them nothing is. */
function epochTicks({ domain: [first, last] }: Axis, count: number): number | number[] {
  return last - first < count ? Array.from({ length: last - first + 1 }, (_, index) => first + index) : count;
}

const bandStyle = (color: string): Plot.AreaYOptions => ({
  x: (point: readonly [number, number, number]) => point[0],
  y1: (point: readonly [number, number, number]) => point[1],
  y2: (point: readonly [number, number, number]) => point[2],
  fill: color,
  fillOpacity: 0.13,
});

function lineStyle(line: ChartLine): Plot.LineOptions {
  return {
    x: (point: readonly [number, number]) => point[0],
    y: (point: readonly [number, number]) => point[1],
    stroke: line.color,
    strokeWidth: line.strong ? 2 : 1,
    strokeOpacity: line.strong ? 1 : 0.35,
    ...(line.dash === undefined ? {} : { strokeDasharray: line.dash }),
  };
}

const endText = (line: ChartLine, { ends }: LineChart): string => {
  if (ends === "labels") return line.label;
  return ends === "values" && line.strong ? formatMetric(line.points.at(-1)?.[1]) : "";
};

/** Marks where a line ends: the lines of a chart need not end at one epoch. */
const endDot = ({ label, color, points }: ChartLine) =>
  Plot.dot(points.slice(-1), {
    x: (point: readonly [number, number]) => point[0],
    y: (point: readonly [number, number]) => point[1],
    r: 3.5,
    fill: color,
    stroke: "var(--page)",
    title: (point: readonly [number, number]) => `${label}, epoch ${point[0]}: ${formatMetric(point[1])}`,
  });

function endLabels(lines: readonly ChartLine[], spec: LineChart, x: Axis, y: Axis) {
  const ends = lines.flatMap((line) => {
    const end = line.points.at(-1);
    const text = endText(line, spec);
    return end && text !== "" ? [{ x: end[0], y: end[1], text, color: line.color }] : [];
  });
  const wanted = ends.map((end) => ({
    x: x.place(end.x) + BESIDE_DOT,
    y: y.place(end.y),
    text: end.text,
    anchor: "start" as const,
  }));
  // A value far from its dot or out of order would seem to be another's, and the table has it; a label has no other place. The
  // margin above is free at this side: the name of the axis stands at the other.
  const dots = ends.map((end) => ({ x: x.place(end.x), y: y.place(end.y) }));
  const room = { top: 0, bottom: spec.height - MARGIN.marginBottom, dots };
  const shifts = spec.ends === "values" ? keepOrder(wanted, placeLabels(wanted, room)) : placeLabels(wanted);
  return ends.flatMap((end, index) => {
    const shift = shifts[index];
    if (shift === null || shift === undefined) return [];
    const place = { x: "x", y: "y", textAnchor: "start", dx: BESIDE_DOT, dy: shift } as const;
    return [Plot.text([end], { ...place, text: "text", fill: end.color, stroke: "var(--page)", strokeWidth: 3 })];
  });
}
