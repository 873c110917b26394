import { formatCount, formatDelta } from "../../text/format.js";
import { type GainMap, hasClusters, REST } from "../view/balance.js";
import type { ReportView } from "../view/report-view.js";
import { type GainChart, MEDIUM, NARROW, WIDE } from "./spec.js";

/** A strip of bars for each distilled student, where there are clusters large enough to be told apart. */
export const balanceCharts = (view: ReportView): readonly GainChart[] =>
  view.gainMaps.filter(hasClusters).map(gainChart);

function gainChart(map: GainMap): GainChart {
  let from = 0;
  const places = map.clusters.map(({ users }) => {
    const place = { from, to: from + users };
    from += users;
    return place;
  });
  const strips = map.rows.map(({ series, gains }) => ({
    label: series.label,
    color: series.color,
    bars: map.clusters.flatMap(({ group, users }, i) => {
      const gain = gains[i];
      const place = places[i];
      if (gain === null || gain === undefined || !place) return [];
      const name = group === REST ? "small clusters together" : group.replace("/", " ");
      return [
        {
          ...place,
          gain,
          counted: group !== REST,
          title: `${series.label}, ${name}, ${formatCount(users)} users: ${formatDelta(gain)}`,
        },
      ];
    }),
  }));
  return {
    kind: "gains",
    id: map.id,
    title: `Gain of ${map.metric} in every cluster of users`,
    description: strips
      .map(
        ({ label, bars }) => `${label}: ${bars.filter(({ gain }) => gain > 0).length} of ${bars.length} clusters gain`,
      )
      .join("; "),
    widths: [WIDE, MEDIUM, NARROW],
    height: 62 + 104 * strips.length,
    xLabel: `users on ${map.split} (${map.candidates}), largest cluster first`,
    yLabel: `${map.metric} against plain`,
    strips,
  };
}
