import type { ReportView } from "../view/report-view.js";
import { balanceCharts } from "./balance-charts.js";
import { curveCharts } from "./curve-charts.js";
import { seedChart, sizeCharts } from "./result-charts.js";
import { snapshotCharts } from "./snapshot-charts.js";
import type { ChartSpec } from "./spec.js";

/** All charts of a report, in the order of the page. */
export function chartSpecs(view: ReportView): readonly ChartSpec[] {
  return [
    ...seedChart(view),
    ...balanceCharts(view),
    ...sizeCharts(view),
    ...curveCharts(view),
    ...snapshotCharts(view),
  ];
}
