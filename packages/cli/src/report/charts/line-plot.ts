import * as Plot from "@observablehq/plot";
import { type Axis, axis, compact, GRID, powerTicks } from "./axis.js";
import { placeLabels } from "./place-labels.js";
import type { ChartLine, LineChart } from "./spec.js";

const MARGIN = { marginTop: 28, marginBottom: 34, marginLeft: 46 } as const;

/** Loss terms a factor of 20 apart would hide each other's shape on a linear scale. */
const LOSS_LOG_FROM = 20;

export function lineOptions(spec: LineChart, width: number): Plot.PlotOptions {
  const { marginTop, marginBottom } = MARGIN;
  const values = spec.lines.flatMap((line) => line.points.map(([, y]) => y));
  const terms = new Set(spec.lines.map((line) => line.label)).size;
  const y = axis(
    values,
    spec.endLabels && terms > 1 ? LOSS_LOG_FROM : Number.POSITIVE_INFINITY,
    [spec.height - marginBottom, marginTop],
    0.05,
  );
  const ends = spec.endLabels ? labelsAtEnds(spec, y) : [];
  const longest = Math.max(0, ...ends.map((end) => end.label.length));
  const ticks = y.type === "log" ? powerTicks(y) : Math.max(3, Math.round(spec.height / 55));
  return {
    ...MARGIN,
    marginRight: spec.endLabels ? 14 + 6.2 * longest : 12,
    x: {
      label: spec.xLabel,
      ticks: epochTicks(spec, Math.max(3, Math.round(width / 90))),
      tickFormat: "d",
      tickSize: 4,
    },
    y: {
      label: spec.yLabel,
      type: y.type,
      domain: [...y.domain],
      ticks,
      tickSize: 0,
      ...(y.type === "log" ? { tickFormat: compact } : {}),
    },
    marks: [
      Plot.gridY({ ...GRID, ticks }),
      // Lines are drawn one by one: a dash pattern or a width is constant within a mark.
      ...spec.lines.map((line) => Plot.line(line.points, lineStyle(line))),
      ...ends.map((end) =>
        Plot.text([end], { x: "x", y: "y", text: "label", textAnchor: "start", dx: 6, dy: end.shift, fill: end.color }),
      ),
    ],
  };
}

/** A few epochs are ticks themselves: between them nothing is. */
function epochTicks({ lines }: LineChart, count: number): number | number[] {
  const epochs = lines.flatMap((line) => line.points.map(([epoch]) => epoch));
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  return last - first < count ? Array.from({ length: last - first + 1 }, (_, index) => first + index) : count;
}

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

function labelsAtEnds(spec: LineChart, y: Axis) {
  const ends = spec.lines.flatMap((line) => {
    const end = line.points.at(-1);
    return end ? [{ x: end[0], y: end[1], label: line.label, color: line.color }] : [];
  });
  const shifts = placeLabels(ends.map((end) => ({ x: 0, y: y.place(end.y), text: end.label, anchor: "start" })));
  return ends.map((end, index) => ({ ...end, shift: shifts[index] ?? 0 }));
}
