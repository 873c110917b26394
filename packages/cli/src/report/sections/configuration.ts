import type { Origin, ParamValue } from "@kdp/dsl";
import type { ManifestNode } from "@kdp/runtime";
import { formatBytes, formatParam, formatSeconds, formatTyped } from "../../text/format.js";
import { type Locate, originText } from "../../text/origin.js";
import { html, type SafeHtml } from "../html.js";
import type { ReportView } from "../view/report-view.js";
import { namedTable, type Section, scrollBox } from "./section.js";

/** Every argument of every node after defaults, with the place it came from. */
export function configurationSection(view: ReportView, locate: Locate): Section {
  const groups = new Map<string, ManifestNode[]>();
  for (const node of view.manifest.nodes) groups.set(node.name, [...(groups.get(node.name) ?? []), node]);
  return {
    id: "configuration",
    title: "Configuration",
    body: html`<p class="lead">Every value that shaped this run, and where it came from. Summaries show what is not a default.</p>
${paramsTable(view, locate)}${[...groups.values()].map((nodes) => nodeDetails(nodes, locate))}`,
  };
}

function paramsTable(view: ReportView, locate: Locate): SafeHtml | null {
  const { params, axes } = view.manifest;
  if (params.length === 0) return null;
  return namedTable(
    "params",
    "Parameters of the pipeline",
    html`<table class="config" aria-labelledby="params"><thead><tr><th scope="col">param</th><th scope="col">value</th><th scope="col">from</th></tr></thead><tbody>${params.map(
      (param) => {
        const axis = axes[param.name];
        const value = axis
          ? axis.map((entry) => formatTyped(entry, param.type)).join(", ")
          : formatTyped(param.value, param.type);
        return html`<tr><th scope="row"><span class="id">${param.name}</span></th><td class="value">${value}</td><td>${axis ? "matrix axis" : originText(param.origin, locate)}${param.doc !== null && html` <span class="muted">${param.doc}</span>`}</td></tr>
`;
      },
    )}</tbody></table>`,
  );
}

function nodeDetails(nodes: readonly ManifestNode[], locate: Locate): SafeHtml | null {
  const first = nodes[0];
  if (!first) return null;
  const told = Object.entries(first.origins)
    .filter(([name, origin]) => origin.kind !== "default" && name in first.params)
    .map(([name]) => `${name}: ${valuesText(nodes.map(({ params }) => params[name]))}`);
  const taught = taughtBy(nodes);
  return html`<details><summary><span class="id">${first.name}</span> <span class="muted">${first.stage}${told.length > 0 && ` (${told.join(", ")})`}${taught !== null && `, taught by ${taught}`}</span></summary>
${scrollBox(
  `Arguments of ${first.name}`,
  html`<table class="config"><thead><tr><th scope="col">argument</th><th scope="col">value</th><th scope="col">from</th></tr></thead><tbody>${Object.keys(
    first.params,
  ).map((name) => {
    const value = valuesText(nodes.map(({ params }) => params[name]));
    return argumentRow(name, value, first.origins[name], locate);
  })}${lessonRows(nodes, locate)}</tbody></table>`,
)}
<p class="keys muted">${first.plugin}${timeText(nodes)}${memoryText(nodes)}; content ${nodes.length === 1 ? "key" : "keys"} ${nodes.map((node) => node.key?.slice(0, 12) ?? "none").join(", ")}</p></details>
`;
}

/** Wall and processor time of the runs that computed them; for several nodes, the least and the most. */
function timeText(nodes: readonly ManifestNode[]): string {
  const wall = range(nodes.flatMap((node) => node.computedSeconds ?? []));
  const processor = range(nodes.flatMap((node) => node.cpuSeconds ?? []));
  if (wall === null) return "";
  return `; took ${wall}${processor === null ? "" : ` (${processor} of one processor)`}`;
}

function range(seconds: readonly number[]): string | null {
  if (seconds.length === 0) return null;
  const [least, most] = [Math.min(...seconds), Math.max(...seconds)].map(formatSeconds);
  return least === most ? `${least}` : `${least} to ${most}`;
}

function memoryText(nodes: readonly ManifestNode[]): string {
  const peaks = nodes.flatMap((node) => node.peakRssBytes ?? []);
  return peaks.length === 0 ? "" : `; peak memory ${formatBytes(Math.max(...peaks))}`;
}

/** One value, or one per cell where they differ. */
function valuesText(values: readonly (ParamValue | undefined)[]): string {
  return [...new Set(values.map((value) => formatParam(value ?? null)))].join(" | ");
}

function argumentRow(name: string, value: string, origin: Origin | undefined, locate: Locate): SafeHtml {
  const isDefault = origin?.kind === "default";
  return html`<tr${isDefault && html` class="default"`}><th scope="row"><span class="id">${name}</span></th><td class="value">${value}</td><td>${originText(origin, locate)}</td></tr>
`;
}

/** `rrd(weight: 0.03)`: the losses of a distilled student, with what is not a default. */
function taughtBy(nodes: readonly ManifestNode[]): string | null {
  const lesson = nodes[0]?.lesson;
  if (!lesson) return null;
  return lesson.losses
    .map((loss, at) => {
      const told = Object.entries(loss.origins)
        .filter(([name, origin]) => origin.kind !== "default" && name in loss.params)
        .map(([name]) => `${name}: ${lossValues(nodes, at, name)}`);
      return told.length > 0 ? `${loss.stage}(${told.join(", ")})` : loss.stage;
    })
    .join(", ");
}

function lessonRows(nodes: readonly ManifestNode[], locate: Locate): readonly SafeHtml[] {
  const lesson = nodes[0]?.lesson;
  if (!lesson) return [];
  const base = valuesText(nodes.map((node) => node.lesson?.baseWeight));
  return [
    argumentRow("base_weight", base, lesson.baseWeightOrigin, locate),
    ...lesson.losses.flatMap((loss, at) =>
      Object.keys(loss.params).map((name) =>
        argumentRow(`${loss.stage}.${name}`, lossValues(nodes, at, name), loss.origins[name], locate),
      ),
    ),
  ];
}

const lossValues = (nodes: readonly ManifestNode[], at: number, name: string): string =>
  valuesText(nodes.map((node) => node.lesson?.losses[at]?.params[name]));
