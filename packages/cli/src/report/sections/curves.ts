import { validationMetric, withValidation } from "../charts/curve-charts.js";
import type { ChartSpec, Drawings } from "../charts/spec.js";
import { html } from "../html.js";
import type { ReportView } from "../view/report-view.js";
import { figure, legend } from "./figure.js";
import type { Section } from "./section.js";

/** Validation metric of all models together, loss terms of each model by itself. */
export function curvesSection(view: ReportView, charts: readonly ChartSpec[], drawings: Drawings): Section | null {
  const validation = charts.filter((chart) => chart.id.startsWith("validation"));
  const losses = charts.filter((chart) => chart.id.startsWith("loss"));
  if (validation.length + losses.length === 0) return null;
  const metric = validationMetric(view);
  return {
    id: "curves",
    title: "Training",
    body: html`${
      validation.length > 0 &&
      metric !== null &&
      html`${legend(withValidation(view, metric))}<p class="lead">A faint line is one seed, a strong one the mean of a model’s seeds.</p><div class="halves">${validation.map(
        (chart) => figure(chart, drawings, html`<strong>${chart.title}</strong>`),
      )}</div>`
    }${
      losses.length > 0 &&
      html`<h3>Loss terms</h3><p class="lead">Each panel has its own scale: terms of different losses are not comparable.</p><div class="panels">${losses.map(
        (chart) => figure(chart, drawings, html`<strong>${chart.title}</strong>`),
      )}</div>`
    }`,
  };
}
