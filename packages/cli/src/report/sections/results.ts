import { lessonText } from "../../graph/graph-model.js";
import { formatCount, formatDelta, formatMetric, plural } from "../../text/format.js";
import type { ChartSpec, Drawings } from "../charts/spec.js";
import { html, type SafeHtml } from "../html.js";
import type { ReportView } from "../view/report-view.js";
import { ROLE_TITLE } from "../view/roles.js";
import { goodness, outcomeOf, type ScoreRow, type ScoreTable } from "../view/scores.js";
import { formatP } from "../view/statistics.js";
import { figure } from "./figure.js";
import { namedTable, type Section, swatch } from "./section.js";
import { testsTable } from "./tests-table.js";

/** The metric table of each protocol and the seeds as dots. */
export function resultsSection(view: ReportView, charts: readonly ChartSpec[], drawings: Drawings): Section | null {
  if (view.tables.length === 0) return null;
  const dots = charts.find((chart) => chart.kind === "dots");
  return {
    id: "results",
    title: "Results",
    body: html`${dots && figure(dots, drawings, html`<strong>${dots.title}.</strong> A dot is one seed, the tick their mean.`)}
${view.tables.map((table, index) => [scoreTable(table, index, view.tables), testsTable(table, index)])}`,
  };
}

/** @param tables all of the report: what is said above is not said again */
function scoreTable(table: ScoreTable, index: number, tables: readonly ScoreTable[]): SafeHtml {
  const seeds = Math.max(...table.rows.flatMap((row) => [...row.cells.values()].map((cell) => cell.summary.n)));
  const firstWith = (has: (row: ScoreRow) => boolean): boolean =>
    tables.findIndex(({ rows }) => rows.some(has)) === index;
  const caption = [
    `Measured on ${table.split}, ranking ${table.candidates}${table.group === "all" ? "" : `, group ${table.group}`}${usersText(table)}.`,
    seeds > 1 ? `Mean ± standard deviation over ${plural(seeds, "seed")}.` : "One seed: no spread is known.",
    firstWith((row) => row.deltas.size > 0)
      ? "Small print: the difference to the plain student, paired seed by seed, ± its own standard deviation; coloured where it is more than two standard errors."
      : "",
    firstWith((row) => row.tests.size > 0)
      ? "p: paired t test of the users’ differences of seed means, adjusted for the number of students (Holm)."
      : "",
    index > 0 ? "Not to be compared with the table above: another protocol." : "",
  ];
  const best = new Map(table.metrics.map((metric) => [metric, bestOf(table, metric)]));
  return namedTable(
    `scores-${index}`,
    caption.filter((line) => line !== "").join(" "),
    html`<table class="scores" aria-labelledby="scores-${index}">
<thead><tr><th scope="col">model</th>${table.metrics.map((metric) => html`<th scope="col" class="num">${metric}</th>`)}</tr></thead>
<tbody>${table.rows.map((row) => scoreRow(row, table, best))}</tbody></table>`,
  );
}

function usersText({ users }: ScoreTable): string {
  if (users === null) return "";
  const left = users.leftOut === 0 ? "" : ` (${formatCount(users.leftOut)} without held-out items left out)`;
  return `, over ${formatCount(users.counted)} users${left}`;
}

/** The best students only: a teacher above them is no news. */
function bestOf(table: ScoreTable, metric: string): ScoreRow | null {
  const students = table.rows.filter((row) => row.series.role !== "teacher" && row.cells.has(metric));
  const value = (row: ScoreRow): number => goodness(row.cells.get(metric)?.summary.mean ?? Number.NaN, metric, table);
  return students.length < 2 ? null : students.reduce((a, b) => (value(b) > value(a) ? b : a));
}

function scoreRow(row: ScoreRow, table: ScoreTable, best: ReadonlyMap<string, ScoreRow | null>): SafeHtml {
  const lesson = row.series.nodes[0]?.lesson;
  const role = lesson ? `distilled: ${lessonText(lesson)}` : ROLE_TITLE[row.series.role];
  return html`<tr><th scope="row">${swatch(row.series.color)}<span class="id">${row.series.label}</span><span class="role">${role}</span></th>${table.metrics.map(
    (metric) => {
      const cell = row.cells.get(metric);
      if (!cell) return html`<td class="num">–</td>`;
      const { mean, sd } = cell.summary;
      const isBest = best.get(metric) === row;
      return html`<td class="num${isBest ? " best" : ""}" title="${String(mean)}">${formatMetric(mean)}${sd !== null && html`<span class="sd"> ± ${formatMetric(sd)}</span>`}${deltaLine(row, metric, table)}</td>`;
    },
  )}</tr>
`;
}

function deltaLine(row: ScoreRow, metric: string, table: ScoreTable): SafeHtml | null {
  const delta = row.deltas.get(metric);
  if (!delta) return null;
  const tone = { better: "good", worse: "bad", unclear: "unclear" }[outcomeOf(row, metric, table) ?? "unclear"];
  const p = row.tests.get(metric)?.t?.holm ?? null;
  return html`<span class="delta ${tone}">${formatDelta(delta.mean)}${delta.sd !== null && ` ± ${formatMetric(delta.sd)}`}</span>${p !== null && html`<span class="delta sd">${formatP(p)}</span>`}`;
}
