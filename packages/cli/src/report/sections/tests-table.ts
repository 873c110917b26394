import type { ManifestSignificance } from "@kdp/runtime";
import { formatCount, formatDelta, plural } from "../../text/format.js";
import { html, type SafeHtml } from "../html.js";
import { metricKey, type ScoreTable } from "../view/scores.js";
import { formatP } from "../view/statistics.js";
import { scrollBox, swatch } from "./section.js";

/** A line of the table: what is compared, and what the tests say. */
interface TestRow {
  readonly name: SafeHtml;
  readonly metric: string;
  readonly test: ManifestSignificance;
}

/** Every test behind a metric table, folded away: students against plain ones, then what gates compare. */
export function testsTable(table: ScoreTable, index: number): SafeHtml | null {
  const taught = table.rows.flatMap(({ series, tests }) =>
    table.metrics.flatMap((metric): TestRow[] => {
      const test = tests.get(metric);
      return test ? [{ name: html`${swatch(series.color)}<span class="id">${series.label}</span>`, metric, test }] : [];
    }),
  );
  const claimed = table.claims.map(
    (test): TestRow => ({
      name: html`<span class="id">${test.model}</span> against <span class="id">${test.baseline}</span>`,
      metric: metricKey(test),
      test,
    }),
  );
  const rows = [...taught, ...claimed];
  const [first] = rows;
  if (!first) return null;
  const { level, draws } = first.test;
  const share = `${Math.round(100 * level)} %`;
  const both = (test: { readonly p: number; readonly holm: number | null } | null): SafeHtml | string =>
    test === null
      ? "–"
      : html`${formatP(test.p)}${test.holm !== null && html`<span class="delta sd">Holm ${formatP(test.holm)}</span>`}`;
  return html`<details class="tests"><summary>${title(taught.length > 0, claimed.length > 0)}, user by user</summary><p class="lead">Each user counts once, by the mean over the seeds. The interval holds ${share} of ${formatCount(draws)} resamples of users and seeds; Holm adjusts for the students of a metric${claimed.length > 0 && ", and by itself for what gates compare"}.</p>${scrollBox(
    `Tests of table ${index + 1}`,
    html`<table><thead><tr><th scope="col">model</th><th scope="col">metric</th><th scope="col" class="num">difference</th><th scope="col" class="num">${share} interval</th><th scope="col" class="num">paired t</th><th scope="col" class="num">signed rank</th><th scope="col" class="num">users</th></tr></thead><tbody>${rows.map(
      ({ name, metric, test }) =>
        html`<tr><th scope="row">${name}</th><td>${metric}</td><td class="num">${formatDelta(test.difference)}</td><td class="num">${test.interval ? `${formatDelta(test.interval.low)} … ${formatDelta(test.interval.high)}` : "–"}</td><td class="num">${both(test.t)}</td><td class="num">${both(test.wilcoxon)}</td><td class="num">${formatCount(test.users)}, ${plural(test.seeds, "seed")}</td></tr>
`,
    )}</tbody></table>`,
  )}</details>`;
}

function title(taught: boolean, claimed: boolean): string {
  if (!taught) return "Tests of what gates compare";
  return `Tests of the differences to the plain student${claimed ? ", and of what gates compare" : ""}`;
}
