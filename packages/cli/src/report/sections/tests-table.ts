import { formatCount, formatDelta, plural } from "../../text/format.js";
import { html, type SafeHtml } from "../html.js";
import type { ScoreTable } from "../view/scores.js";
import { formatP } from "../view/statistics.js";
import { scrollBox, swatch } from "./section.js";

/** Every test behind a metric table, folded away. */
export function testsTable(table: ScoreTable, index: number): SafeHtml | null {
  const rows = table.rows.flatMap(({ series, tests }) =>
    table.metrics.flatMap((metric) => {
      const test = tests.get(metric);
      return test ? [{ series, metric, test }] : [];
    }),
  );
  const [first] = rows;
  if (!first) return null;
  const { level, draws } = first.test;
  const share = `${Math.round(100 * level)} %`;
  const both = (test: { readonly p: number; readonly holm: number | null } | null): SafeHtml | string =>
    test === null
      ? "–"
      : html`${formatP(test.p)}${test.holm !== null && html`<span class="delta sd">Holm ${formatP(test.holm)}</span>`}`;
  return html`<details class="tests"><summary>Tests of the differences to the plain student, user by user</summary><p class="lead">Each user counts once, by the mean over the seeds. The interval holds ${share} of ${formatCount(draws)} resamples of users and seeds; Holm adjusts for the students of a metric.</p>${scrollBox(
    `Tests of table ${index + 1}`,
    html`<table><thead><tr><th scope="col">model</th><th scope="col">metric</th><th scope="col" class="num">difference</th><th scope="col" class="num">${share} interval</th><th scope="col" class="num">paired t</th><th scope="col" class="num">signed rank</th><th scope="col" class="num">users</th></tr></thead><tbody>${rows.map(
      ({ series, metric, test }) =>
        html`<tr><th scope="row">${swatch(series.color)}<span class="id">${series.label}</span></th><td>${metric}</td><td class="num">${formatDelta(test.difference)}</td><td class="num">${test.interval ? `${formatDelta(test.interval.low)} … ${formatDelta(test.interval.high)}` : "–"}</td><td class="num">${both(test.t)}</td><td class="num">${both(test.wilcoxon)}</td><td class="num">${formatCount(test.users)}, ${plural(test.seeds, "seed")}</td></tr>
`,
    )}</tbody></table>`,
  )}</details>`;
}
