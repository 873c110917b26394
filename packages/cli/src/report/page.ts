import { formatCell, formatSeconds, plural } from "../text/format.js";
import type { Locate } from "../text/origin.js";
import type { ChartSpec, Drawings } from "./charts/spec.js";
import { html, type SafeHtml, trusted } from "./html.js";
import { balanceSection } from "./sections/balance.js";
import { configurationSection } from "./sections/configuration.js";
import { curvesSection } from "./sections/curves.js";
import { gatesSection } from "./sections/gates.js";
import { graphSection } from "./sections/graph.js";
import { notesSection } from "./sections/notes.js";
import { environmentSection, exportsSection, failuresSection } from "./sections/outcome.js";
import { resultsSection } from "./sections/results.js";
import { renderSection, type Section } from "./sections/section.js";
import { sizeSection } from "./sections/size.js";
import { snapshotsSection } from "./sections/snapshots.js";
import { reportCss } from "./style.js";
import { partText } from "./view/part.js";
import type { ReportView } from "./view/report-view.js";
import { warningsOf } from "./view/warnings.js";

/** The page allows itself nothing but its own styles: no script, no request. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export interface PageParts {
  readonly view: ReportView;
  readonly charts: readonly ChartSpec[];
  readonly drawings: Drawings;
  /** The pipeline as a picture. */
  readonly graph: SafeHtml;
  readonly locate: Locate;
}

/** `report.html` as text: one file that needs nothing beside it. */
export function reportPage({ view, charts, drawings, graph, locate }: PageParts): string {
  const { manifest } = view;
  const sections = [
    failuresSection(view),
    resultsSection(view, charts, drawings),
    balanceSection(view, charts, drawings),
    gatesSection(view),
    sizeSection(view, charts, drawings),
    curvesSection(view, charts, drawings),
    snapshotsSection(view, charts, drawings),
    graphSection(view, graph),
    exportsSection(view),
    notesSection(view),
    configurationSection(view, locate),
    environmentSection(view),
  ].filter((section): section is Section => section !== null);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${manifest.pipeline} – kdp report</title>
<link rel="icon" href="data:,">
<style>${trusted(reportCss())}</style>
</head>
<body>
${top(view, sections)}
<main>
${sections.map(renderSection)}
</main>
<footer>Written by kdp ${manifest.environment.kdp}. The figures behind this page are in <code>manifest.json</code> beside it.</footer>
</body>
</html>
`.text;
}

function top(view: ReportView, sections: readonly Section[]): SafeHtml {
  const { manifest, verdict } = view;
  const held = manifest.gates.filter((gate) => gate.status === "passed").length;
  // An export of several formats is one export.
  const exported = [...new Set(manifest.exports.map((entry) => entry.name + formatCell(entry.cell)))];
  const part = partText(manifest);
  const warned = warningsOf(manifest).length;
  const cells = Object.entries(manifest.axes).map(([axis, values]) => `${axis} ${values.join(", ")}`);
  return html`<header class="top">
<h1>${manifest.pipeline}</h1>
${manifest.doc !== null && html`<p class="doc">${manifest.doc}</p>`}
<div class="verdict ${verdict.tone}"><strong>${verdict.headline}</strong>${verdict.detail}</div>
<ul class="meta">${part !== null && html`<li>${part}</li>`}<li><b>${manifest.startedAt.slice(0, 16).replace("T", " ")}</b> UTC</li><li><b>${formatSeconds(manifest.seconds)}</b></li><li><b>${plural(manifest.nodes.length, "node")}</b></li>${manifest.gates.length > 0 && html`<li><b>${held} of ${plural(manifest.gates.length, "gate")}</b> met</li>`}${warned > 0 && html`<li><a href="#notes">${plural(warned, "warning")}</a></li>`}${cells.map((cell) => html`<li>${cell}</li>`)}${exported.map((name) => html`<li>exported <b>${name}</b></li>`)}</ul>
<nav aria-label="Sections"><ul>${sections.map((section) => html`<li><a href="#${section.id}">${section.title}</a></li>`)}</ul></nav>
</header>`;
}
