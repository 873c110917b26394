import type { ManifestNode } from "@kdp/runtime";
import { formatMetric } from "../../text/format.js";
import type { ReportView } from "../view/report-view.js";
import type { Series } from "../view/series.js";
import { type ChartLine, HALF, type LineChart, NARROW, type Points, SMALL } from "./spec.js";

/** Training curves: the validation metric of all models together, then the loss terms of each model by itself. */
export function curveCharts(view: ReportView): readonly LineChart[] {
  return [...validationCharts(view), ...view.series.flatMap((series, index) => lossCharts(series, index))];
}

/** The series with a curve of some validation metric. */
export function withValidation(view: ReportView, metric: string): readonly Series[] {
  return view.series.filter((series) => series.nodes.some((node) => validPoints(node, metric).length > 1));
}

/** The metric that training looked at: what selects the epoch, else the chief one, else the first recorded. */
export function validationMetric(view: ReportView): string | null {
  const nodes = view.series.flatMap((series) => series.nodes);
  const recorded = new Set(nodes.flatMap((node) => node.curve.flatMap((point) => Object.keys(point.valid))));
  const chosen = nodes.map((node) => node.params.early_stop).find((key) => typeof key === "string");
  const wanted = [chosen, view.chief?.metric].find((key) => typeof key === "string" && recorded.has(key));
  return typeof wanted === "string" ? wanted : ([...recorded][0] ?? null);
}

function validationCharts(view: ReportView): readonly LineChart[] {
  const metric = validationMetric(view);
  if (metric === null) return [];
  const shown = withValidation(view, metric);
  const curves = shown.map((series) => ({
    series,
    lines: dashed(
      seedsAndMean(
        series,
        series.nodes.map((node) => validPoints(node, metric)),
      ),
      series.round,
    ),
  }));
  const lines = curves.flatMap((curve) => curve.lines);
  if (lines.length === 0) return [];
  // What is compared are the students: a teacher far above them, or trained for longer, would leave no room to enlarge.
  const students = curves.filter(({ series }) => series.role !== "teacher");
  const compared = students.length > 0 ? students : curves;
  const late = compared.flatMap((curve) => secondHalf(curve.lines));
  const whose = compared.length < curves.length ? "The students’" : "Its";
  const chart = (id: string, title: string, of: typeof curves, data: readonly ChartLine[]): LineChart => ({
    kind: "lines",
    id,
    title,
    description: of.map(({ series }) => endText(series, metric)).join(", "),
    widths: [HALF, NARROW],
    height: 300,
    xLabel: "epoch",
    yLabel: `${metric} on valid`,
    lines: data,
    ends: "nothing",
  });
  return [
    chart("validation", `${metric} on the validation events`, curves, lines),
    ...(late.length > 0 ? [chart("validation-late", `${whose} second half, enlarged`, compared, late)] : []),
  ];
}

function endText(series: Series, metric: string): string {
  const final = series.nodes.map((node) => validPoints(node, metric).at(-1)?.[1] ?? Number.NaN);
  return `${series.label} ends at ${formatMetric(final.reduce((a, b) => a + b, 0) / final.length)}`;
}

/** Of a model's training; nothing where it has too few points to be one. */
function secondHalf(lines: readonly ChartLine[]): readonly ChartLine[] {
  const last = Math.max(...lines.flatMap((line) => line.points.map(([epoch]) => epoch)));
  if (last <= 2) return [];
  return lines
    .map((line) => ({ ...line, points: line.points.filter(([epoch]) => epoch >= last / 2) }))
    .filter((line) => line.points.length > 1);
}

const DASHES = [undefined, "6 3", "2 3", "8 3 2 3"] as const;

/** Tells lines of one colour apart. */
export function dashed(lines: readonly ChartLine[], position: number): readonly ChartLine[] {
  const dash = DASHES[position % DASHES.length];
  return dash === undefined ? lines : lines.map((line) => ({ ...line, dash }));
}

function lossCharts(series: Series, index: number): readonly LineChart[] {
  const curves = series.nodes.filter((node) => node.curve.length > 1);
  const terms = [...new Set(curves.flatMap((node) => node.curve.flatMap((point) => Object.keys(point.losses))))];
  const lines = terms.flatMap((term, position) => {
    const means = seedsAndMean(
      { ...series, label: term },
      curves.map((node) => lossPoints(node, term)),
    ).filter((line) => line.strong);
    return dashed(means, position);
  });
  if (lines.length === 0) return [];
  return [
    {
      kind: "lines",
      id: `loss-${index}`,
      title: `Loss of ${series.label} by epoch`,
      description: `Mean over ${curves.length === 1 ? "one run" : `${curves.length} seeds`} of ${terms.join(", ")}`,
      widths: [SMALL],
      height: 200,
      xLabel: "epoch",
      yLabel: "loss",
      lines,
      ends: "labels",
    },
  ];
}

function validPoints(node: ManifestNode, metric: string): Points {
  return node.curve.flatMap((point): Points => {
    const value = point.valid[metric];
    return value === undefined || !Number.isFinite(value) ? [] : [[point.epoch, value]];
  });
}

function lossPoints(node: ManifestNode, term: string): Points {
  return node.curve.flatMap((point): Points => {
    const value = point.losses[term];
    return value === undefined || !Number.isFinite(value) ? [] : [[point.epoch, value]];
  });
}

/** A faint line per seed and a strong one for their mean, over the epochs that all seeds reached. */
function seedsAndMean(series: Pick<Series, "label" | "color">, seeds: readonly Points[]): readonly ChartLine[] {
  const runs = seeds.filter((points) => points.length > 0);
  const [first, ...others] = runs;
  if (!first) return [];
  const line = (points: Points, strong: boolean): ChartLine => ({
    label: series.label,
    color: series.color,
    points,
    strong,
  });
  if (others.length === 0) return [line(first, true)];
  const rest = others.map((points) => new Map(points));
  const mean = first.flatMap(([epoch, value]): Points => {
    const values = rest.map((points) => points.get(epoch));
    if (values.some((other) => other === undefined)) return [];
    const sum = values.reduce<number>((total, other) => total + (other ?? 0), value);
    return [[epoch, sum / runs.length]];
  });
  return [...runs.map((points) => line(points, false)), line(mean, true)];
}
