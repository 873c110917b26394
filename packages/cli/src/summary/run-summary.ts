import { RUNTIME_CODES } from "@kdp/dsl";
import type { ManifestGate, ManifestNode, RunManifest } from "@kdp/runtime";
import { type FaultFrame, faultText } from "../failures/fault-text.js";
import { lessonText } from "../graph/graph-model.js";
import type { Colors } from "../io/host.js";
import { GATE_MARK, GATE_TEXT } from "../report/sections/gates.js";
import { partText } from "../report/view/part.js";
import { type ReportView, reportView } from "../report/view/report-view.js";
import { ROLE_TITLE } from "../report/view/roles.js";
import { chiefMetric, outcomeOf, type ScoreRow, type ScoreTable } from "../report/view/scores.js";
import { formatP } from "../report/view/statistics.js";
import { dataWarnings } from "../report/view/warnings.js";
import {
  formatBytes,
  formatCell,
  formatDelta,
  formatMetric,
  formatSeconds,
  formatSides,
  plural,
} from "../text/format.js";
import { cell, type ScreenCell, screenTable } from "../text/table.js";

export interface SummaryPlaces {
  /** The run's folder and its report, as the user should type them. */
  readonly folder: string;
  readonly report: string | null;
  /** The command that goes on from here, for a run that did not end well. */
  readonly resume: string;
  readonly frame: FaultFrame;
}

/** What the screen says at the end of a run. */
export function runSummary(manifest: RunManifest, places: SummaryPlaces, colors: Colors): string {
  const view = reportView(manifest);
  const blocks = [
    headline(view, colors),
    ...view.tables.map((table) => scoreLines(table, chiefMetric(manifest, table), colors)),
    gateLines(manifest, colors),
    failureLines(manifest, places, colors),
    warningLines(manifest, colors),
    placeLines(manifest, places, colors),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headline(view: ReportView, colors: Colors): readonly string[] {
  const { manifest, verdict } = view;
  const paint = { good: colors.green, bad: colors.red, neutral: colors.bold }[verdict.tone];
  const count = (status: string): number => manifest.nodes.filter((node) => node.status === status).length;
  const parts = [
    `${count("ran")} ran`,
    `${count("hit")} cached`,
    ...(count("failed") > 0 ? [`${count("failed")} failed`] : []),
    ...(count("skipped") > 0 ? [`${count("skipped")} skipped`] : []),
  ];
  const peaks = manifest.nodes.flatMap(({ status, peakRssBytes }) => (status === "hit" ? [] : (peakRssBytes ?? [])));
  const memory = peaks.length === 0 ? "" : `, at most ${formatBytes(Math.max(...peaks))} of memory a node`;
  const part = partText(manifest);
  const facts = `${plural(manifest.nodes.length, "node")} (${parts.join(", ")}) in ${formatSeconds(manifest.seconds)}${memory}`;
  return [
    "",
    `${paint(colors.bold(verdict.headline))}  ${colors.dim(facts)}`,
    ...(verdict.detail === "" ? [] : [verdict.detail]),
    ...(part === null ? [] : [part]),
  ];
}

/** @param metric the one whose difference to the plain student is shown, as in the headline */
function scoreLines(table: ScoreTable, metric: string | null, colors: Colors): readonly string[] {
  const seeds = Math.max(...table.rows.flatMap((row) => [...row.cells.values()].map((entry) => entry.summary.n)));
  const title =
    `${table.split}, ${table.candidates}${table.group === "all" ? "" : `, ${table.group}`}` +
    `${seeds > 1 ? `: mean ± standard deviation over ${plural(seeds, "seed")}` : ": one seed"}`;
  const rows = table.rows.map((row) => scoreRow(row, table, metric, colors));
  const columns = [
    { title: "model" },
    { title: "" },
    ...table.metrics.map((metric) => ({ title: metric, align: "right" as const })),
    ...(table.rows.some((row) => row.deltas.size > 0)
      ? [{ title: `Δ ${metric ?? ""} to plain`, align: "right" as const }]
      : []),
    ...(table.rows.some((row) => row.tests.size > 0) ? [{ title: "users", align: "right" as const }] : []),
  ];
  return [colors.dim(title), ...screenTable(columns, rows, colors.dim).map((line) => `  ${line}`)];
}

function scoreRow(row: ScoreRow, table: ScoreTable, metric: string | null, colors: Colors): readonly ScreenCell[] {
  const { metrics } = table;
  const delta = metric === null ? undefined : row.deltas.get(metric);
  // Over users, adjusted for the number of students.
  const p = (metric === null ? undefined : row.tests.get(metric)?.t?.holm) ?? null;
  const lesson = row.series.nodes[0]?.lesson;
  const role = lesson ? `distilled: ${lessonText(lesson)}` : ROLE_TITLE[row.series.role];
  return [
    cell(row.series.label, colors.bold),
    cell(role, colors.dim),
    ...metrics.map((name) => {
      const summary = row.cells.get(name)?.summary;
      if (!summary) return cell("–");
      return cell(`${formatMetric(summary.mean)}${summary.sd === null ? "" : ` ± ${formatMetric(summary.sd)}`}`);
    }),
    delta
      ? cell(
          `${formatDelta(delta.mean)}${delta.sd === null ? "" : ` ± ${formatMetric(delta.sd)}`}`,
          { better: colors.green, worse: colors.red, unclear: colors.dim }[
            outcomeOf(row, metric ?? "", table) ?? "unclear"
          ],
        )
      : cell(""),
    cell(p === null ? "" : formatP(p), colors.dim),
  ];
}

function gateLines(manifest: RunManifest, colors: Colors): readonly string[] {
  return manifest.gates.flatMap((gate) => gateBlock(gate, colors));
}

/** A gate that holds is a line; one that does not shows the cells where it fails. */
function gateBlock(gate: ManifestGate, colors: Colors): readonly string[] {
  const paint = gate.status === "passed" ? colors.green : gate.status === "failed" ? colors.red : colors.yellow;
  const only = gate.cells.length === 1 ? gate.cells[0] : undefined;
  const values = only && gate.status !== "skipped" ? colors.dim(`  ${formatSides(only).join(` ${gate.op} `)}`) : "";
  const said = gate.status === "passed" ? "" : ` ${paint(GATE_TEXT[gate.status])}`;
  const head = `${paint(GATE_MARK[gate.status])} ${gate.message ?? gate.text}${said}${values}`;
  const text = gate.message === null || gate.status === "passed" ? [] : [colors.dim(`    ${gate.text}`)];
  if (only) return [head, ...text];
  const bad = gate.cells.filter(({ status }) => status !== "passed" && status !== "skipped");
  return [
    head,
    ...text,
    ...bad.map((entry) => `    ${formatCell(entry.cell)} ${formatSides(entry).join(` ${gate.op} `)}`),
  ];
}

/** Every cause once, with the nodes that it stopped: seeds of one model usually fail alike. */
function failureLines(manifest: RunManifest, { folder, frame }: SummaryPlaces, colors: Colors): readonly string[] {
  const causes = new Map<string, ManifestNode[]>();
  for (const node of manifest.nodes.filter(({ status }) => status === "failed")) {
    const cause = JSON.stringify([node.fault?.code, node.fault?.message]);
    causes.set(cause, [...(causes.get(cause) ?? []), node]);
  }
  return [...causes.values()].flatMap(([node, ...others]) => {
    if (!node) return [];
    const fault = node.fault ?? { code: "KDP8002", kind: "run", message: "it failed" };
    const before = [{ kind: "in", text: [node, ...others].map(({ id }) => id).join(", ") }];
    const after = node.log === null ? [] : [{ kind: "log", text: `${folder}/${node.log}` }];
    return faultText({ place: node.id, ...fault }, colors, { frame, before, after })
      .trimEnd()
      .split("\n");
  });
}

/** Warnings of the run and of its data; those of the compiler were shown with their code frames. */
function warningLines(manifest: RunManifest, colors: Colors): readonly string[] {
  const ofRun = manifest.warnings
    .filter(({ code }) => code in RUNTIME_CODES)
    .map(({ code, message, place }) => ({ code, message, place: place ?? "" }));
  const lines = [...ofRun, ...dataWarnings(manifest)].map(
    ({ code, message, place }) =>
      `${colors.yellow(`warning[${code}]`)}: ${message}${place === "" ? "" : colors.dim(` (${place})`)}`,
  );
  return [...new Set(lines)];
}

function placeLines(manifest: RunManifest, places: SummaryPlaces, colors: Colors): readonly string[] {
  const rows = [
    ...manifest.exports.map((entry) => [
      cell("export"),
      cell(`${entry.name}${formatCell(entry.cell)}`, colors.bold),
      cell(`${places.folder}/${entry.path} (${entry.format}, ${formatBytes(entry.bytes)})`),
    ]),
    ...manifest.blocked.map((entry) => [
      cell("held back", colors.yellow),
      cell(`${entry.name}${formatCell(entry.cell)}`, colors.bold),
      cell(entry.because),
    ]),
    ...(places.report === null ? [] : [[cell("report"), cell(""), cell(places.report)]]),
  ];
  const interrupted = manifest.nodes.some((node) => node.status === "failed" || node.status === "skipped");
  return [
    ...screenTable([{ title: "" }, { title: "" }, { title: "" }], rows),
    ...(interrupted ? [`All that was computed is kept; to go on: ${colors.bold(places.resume)}`] : []),
  ];
}
