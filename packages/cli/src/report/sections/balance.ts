import { formatCount, formatDelta, formatMetric, plural } from "../../text/format.js";
import type { ChartSpec, Drawings } from "../charts/spec.js";
import { html, type SafeHtml } from "../html.js";
import { type ClusterGains, type GainMap, hasClusters, REST } from "../view/balance.js";
import type { ReportView } from "../view/report-view.js";
import { figure } from "./figure.js";
import { namedTable, type Section, swatch } from "./section.js";

/** Who gains by distillation: the whole, or every taste. */
export function balanceSection(view: ReportView, charts: readonly ChartSpec[], drawings: Drawings): Section | null {
  if (view.gainMaps.length === 0) return null;
  return {
    id: "balance",
    title: "Balance over tastes",
    body: html`${view.gainMaps.map((map, index) => {
      if (!hasClusters(map)) return tooSmall(map);
      const chart = charts.find(({ id }) => id === map.id);
      return html`${chart && figure(chart, drawings, html`<strong>${chart.title}.</strong> A bar is a cluster of users with similar tastes, as wide as it has users: its area is its share of the whole gain.${map.clusters.some(({ group }) => group === REST) && " The pale bar is all small clusters together, cut where it would be longer than all others."}`)}${spreadTable(map, index)}`;
    })}`,
  };
}

const tooSmall = ({ split }: GainMap): SafeHtml =>
  html`<p class="lead">No cluster has enough users on ${split} to tell anything. Fewer clusters (<code>cluster_count</code>) are larger ones.</p>`;

function spreadTable(map: GainMap, index: number): SafeHtml {
  const counted = map.clusters.filter(({ group }) => group !== REST);
  const rest = map.clusters.find(({ group }) => group === REST);
  const sizes = counted.map(({ users }) => users);
  const lead =
    `${plural(counted.length, "cluster")} of ${formatCount(Math.min(...sizes))} to ${formatCount(Math.max(...sizes))} users on ${map.split}, ${map.candidates}` +
    `${rest ? `; ${formatCount(rest.users)} more users are in clusters too small to tell anything` : ""}. ` +
    `Gains of ${map.metric} against the plain student, each cluster counting once, mean over the seeds.`;
  return namedTable(
    `balance-${index}`,
    lead,
    html`<table aria-labelledby="balance-${index}"><thead><tr><th scope="col">model</th><th scope="col" class="num">mean gain</th><th scope="col" class="num">spread</th><th scope="col" class="num">least</th><th scope="col" class="num">most</th><th scope="col" class="num">clusters that gain</th><th scope="col" class="num">that lose</th></tr></thead><tbody>${map.rows.map((row) => spreadRow(row, map))}</tbody></table>`,
  );
}

function spreadRow({ series, gains, summary }: ClusterGains, { clusters }: GainMap): SafeHtml {
  const known = gains.filter((gain, i) => gain !== null && clusters[i]?.group !== REST) as number[];
  const delta = (value: number): string => (known.length === 0 ? "–" : formatDelta(value));
  return html`<tr><th scope="row">${swatch(series.color)}<span class="id">${series.label}</span></th><td class="num">${delta(summary?.mean ?? 0)}</td><td class="num">${formatMetric(summary?.sd)}</td><td class="num">${delta(Math.min(...known))}</td><td class="num">${delta(Math.max(...known))}</td><td class="num">${known.filter((gain) => gain > 0).length}</td><td class="num">${known.filter((gain) => gain < 0).length}</td></tr>
`;
}
