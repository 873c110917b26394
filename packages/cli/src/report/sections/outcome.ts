import type { ManifestNode, RunManifest } from "@kdp/runtime";
import { formatBytes, formatCell, plural } from "../../text/format.js";
import { html } from "../html.js";
import type { ReportView } from "../view/report-view.js";
import { type Section, scrollBox } from "./section.js";

/** What went wrong, first of all: node, code, cause, fix. */
export function failuresSection(view: ReportView): Section | null {
  const failed = view.manifest.nodes.filter((node) => node.status === "failed");
  if (failed.length === 0) return null;
  // Seeds of one model usually fail alike: one cause is told once.
  const causes = new Map<string, ManifestNode[]>();
  for (const node of failed) {
    const cause = JSON.stringify([node.fault?.code, node.fault?.message, node.fault?.fix]);
    causes.set(cause, [...(causes.get(cause) ?? []), node]);
  }
  return {
    id: "failures",
    title: "Failures",
    body: html`${[...causes.values()].map(([node, ...others]) => {
      if (!node) return null;
      const ids = [node, ...others].map((each) => each.id).join(", ");
      return html`<article class="failure"><h3><span class="id">${ids}</span> ${node.fault && html`<code>${node.fault.code}</code>`}</h3><p>${node.fault?.message ?? "No reason was recorded."}</p>${node.fault?.place !== undefined && html`<p class="muted">at ${node.fault.place}${node.fault.at && `, asked for in ${node.fault.at.file}:${node.fault.at.line}`}</p>`}${node.fault?.fix !== undefined && html`<p><strong>Fix:</strong> ${node.fault.fix}</p>`}</article>
`;
    })}`,
  };
}

/** Files that the run published. */
export function exportsSection(view: ReportView): Section | null {
  const { exports } = view.manifest;
  if (exports.length === 0) return null;
  return {
    id: "exports",
    title: "Exports",
    body: scrollBox(
      "Exports",
      html`<table><thead><tr><th scope="col">export</th><th scope="col">of</th><th scope="col">format</th><th scope="col" class="num">size</th><th scope="col">file</th></tr></thead><tbody>${exports.map(
        (entry) =>
          html`<tr><th scope="row"><span class="id">${entry.name}${formatCell(entry.cell)}</span></th><td><span class="id">${entry.node}</span></td><td>${entry.format}</td><td class="num">${formatBytes(entry.bytes)}</td><td><code>${entry.path}</code></td></tr>
`,
      )}</tbody></table>`,
    ),
  };
}

const commitText = (commit: RunManifest["environment"]["commit"]): string =>
  commit === null ? "not in a git repository" : `${commit.id.slice(0, 12)}${commit.changed ? ", with changes" : ""}`;

/** What it ran on, for whoever wants to repeat it. */
export function environmentSection(view: ReportView): Section {
  const { environment: machine, run, file, startedAt } = view.manifest;
  const plugins = Object.entries(machine.plugins).map(([name, version]) => `${name} ${version}`);
  const facts: readonly (readonly [string, string])[] = [
    ["run", run],
    ["pipeline file", file],
    ["started", startedAt],
    ["commit", commitText(machine.commit)],
    ["kdp", machine.kdp],
    ["plugins", plugins.join(", ")],
    [
      "device",
      `${machine.device} (${machine.deviceFound}; ${machine.deviceWhy}), up to ${plural(machine.jobs, "node")} at once`,
    ],
    ["processor", `${machine.cpu}, ${machine.cores} cores`],
    ["memory", formatBytes(machine.memoryBytes)],
    ["Node", `${machine.node} on ${machine.platform}`],
  ];
  return {
    id: "environment",
    title: "Environment",
    body: html`<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`,
  };
}
