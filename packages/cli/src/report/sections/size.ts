import { formatBytes, formatCount, formatMetric } from "../../text/format.js";
import type { ChartSpec, Drawings } from "../charts/spec.js";
import { html } from "../html.js";
import { bytesOf, latencyOf, parametersOf } from "../view/facts.js";
import type { ReportView } from "../view/report-view.js";
import { figure } from "./figure.js";
import { type Section, scrollBox, swatch } from "./section.js";

/** What each model costs, and what it is worth. */
export function sizeSection(view: ReportView, charts: readonly ChartSpec[], drawings: Drawings): Section | null {
  const sized = view.series.filter((series) => parametersOf(series) !== null || bytesOf(series) !== null);
  if (sized.length === 0) return null;
  const plots = charts.filter((chart) => chart.kind === "scatter");
  const latency = sized.some((series) => latencyOf(series) !== null);
  const teacher = Math.max(0, ...sized.filter((s) => s.role === "teacher").map((s) => bytesOf(s) ?? 0));
  const quality = (label: string): string => {
    if (!view.chief) return "–";
    const row = view.chief.table.rows.find((candidate) => candidate.series.label === label);
    return formatMetric(row?.cells.get(view.chief.metric)?.summary.mean);
  };
  return {
    id: "size",
    title: "Quality against size",
    body: html`<div class="panels">${plots.map((chart) => figure(chart, drawings, html`<strong>${chart.title}</strong>`))}</div>${scrollBox(
      "Size of the models",
      html`<table><thead><tr><th scope="col">model</th><th scope="col" class="num">parameters</th><th scope="col" class="num">size</th>${teacher > 0 && html`<th scope="col" class="num">of the teacher</th>`}${latency && html`<th scope="col" class="num">time of an answer</th>`}${view.chief && html`<th scope="col" class="num">${view.chief.metric}</th>`}</tr></thead><tbody>${sized.map(
        (series) => {
          const parameters = parametersOf(series);
          const bytes = bytesOf(series);
          const milliseconds = latencyOf(series);
          return html`<tr><th scope="row">${swatch(series.color)}<span class="id">${series.label}</span></th><td class="num">${parameters === null ? "–" : formatCount(parameters)}</td><td class="num">${bytes === null ? "–" : formatBytes(bytes)}</td>${teacher > 0 && html`<td class="num">${bytes === null ? "–" : `${((100 * bytes) / teacher).toFixed(1)} %`}</td>`}${latency && html`<td class="num">${milliseconds === null ? "–" : `${milliseconds.toPrecision(2)} ms`}</td>`}${view.chief && html`<td class="num">${quality(series.label)}</td>`}</tr>
`;
        },
      )}</tbody></table>`,
    )}`,
  };
}
