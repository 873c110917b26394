import { formatBytes, formatCount, formatMetric } from "../../text/format.js";
import type { ChartSpec, Drawings } from "../charts/spec.js";
import { html } from "../html.js";
import type { ReportView } from "../view/report-view.js";
import { figure } from "./figure.js";
import { type Section, scrollBox, swatch } from "./section.js";

/** What each model costs, and what it is worth. */
export function sizeSection(view: ReportView, charts: readonly ChartSpec[], drawings: Drawings): Section | null {
  const sized = view.series.flatMap((series) => {
    const cost = view.costs.get(series);
    return cost && (cost.parameters !== null || cost.bytes !== null) ? [{ series, ...cost }] : [];
  });
  if (sized.length === 0) return null;
  const plots = charts.filter((chart) => chart.kind === "scatter");
  const latency = sized.some(({ latencyMs }) => latencyMs !== null);
  const teacher = Math.max(
    0,
    ...sized.filter(({ series }) => series.role === "teacher").map(({ bytes }) => bytes ?? 0),
  );
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
        ({ series, parameters, bytes, latencyMs }) => {
          return html`<tr><th scope="row">${swatch(series.color)}<span class="id">${series.label}</span></th><td class="num">${parameters === null ? "–" : formatCount(parameters)}</td><td class="num">${bytes === null ? "–" : formatBytes(bytes)}</td>${teacher > 0 && html`<td class="num">${bytes === null ? "–" : `${((100 * bytes) / teacher).toFixed(1)} %`}</td>`}${latency && html`<td class="num">${latencyMs === null ? "–" : `${latencyMs.toPrecision(2)} ms`}</td>`}${view.chief && html`<td class="num">${quality(series.label)}</td>`}</tr>
`;
        },
      )}</tbody></table>`,
    )}`,
  };
}
