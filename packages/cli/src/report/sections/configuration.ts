import type { LossSpec, Origin, ParamValue } from "@kdp/dsl";
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
    .map(([name]) => `${name}: ${valuesText(nodes, name)}`);
  const losses = first.lesson?.losses ?? [];
  return html`<details><summary><span class="id">${first.name}</span> <span class="muted">${first.stage}${told.length > 0 && ` (${told.join(", ")})`}</span></summary>
${scrollBox(
  `Arguments of ${first.name}`,
  html`<table class="config"><thead><tr><th scope="col">argument</th><th scope="col">value</th><th scope="col">from</th></tr></thead><tbody>${Object.keys(
    first.params,
  ).map((name) => argumentRow(name, valuesText(nodes, name), first.origins[name], locate))}${losses.map((loss) =>
    lossRows(loss, locate),
  )}</tbody></table>`,
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
function valuesText(nodes: readonly ManifestNode[], name: string): string {
  return [...new Set(nodes.map((node) => formatParam(node.params[name] ?? null)))].join(" | ");
}

function argumentRow(name: string, value: string, origin: Origin | undefined, locate: Locate): SafeHtml {
  const isDefault = origin?.kind === "default";
  return html`<tr${isDefault && html` class="default"`}><th scope="row"><span class="id">${name}</span></th><td class="value">${value}</td><td>${originText(origin, locate)}</td></tr>
`;
}

function lossRows(loss: LossSpec, locate: Locate): readonly SafeHtml[] {
  return Object.entries(loss.params).map(([name, value]: [string, ParamValue]) =>
    argumentRow(`${loss.stage}.${name}`, formatParam(value), loss.origins[name], locate),
  );
}
