import type { GateStatus, ManifestGate } from "@kdp/runtime";
import { formatCell, formatSides, plural } from "../../text/format.js";
import { html, type SafeHtml } from "../html.js";
import type { ReportView } from "../view/report-view.js";
import { type Section, scrollBox } from "./section.js";

export const GATE_TEXT: Readonly<Record<GateStatus, string>> = {
  passed: "passed",
  failed: "failed",
  warned: "not met (warning only)",
  "no-baseline": "no baseline to compare with",
  skipped: "skipped: an operand failed",
};

export const GATE_MARK: Readonly<Record<GateStatus, string>> = {
  passed: "✓",
  failed: "✗",
  warned: "!",
  "no-baseline": "○",
  skipped: "–",
};

/** Every gate with the values of both sides, unrounded, in each cell. */
export function gatesSection(view: ReportView): Section | null {
  const { gates, blocked } = view.manifest;
  if (gates.length === 0) return null;
  return {
    id: "gates",
    title: "Gates",
    body: html`<ol class="gates">${gates.map(gateItem)}</ol>${
      blocked.length > 0 &&
      html`<p class="note bad">Held back: ${blocked.map((entry) => `${entry.name}${formatCell(entry.cell)} (${entry.because})`).join(", ")}.</p>`
    }`,
  };
}

function gateItem(gate: ManifestGate): SafeHtml {
  return html`<li class="gate ${gate.status}"><p><span class="mark" aria-hidden="true">${GATE_MARK[gate.status]}</span><code>${gate.text}</code> <span class="status">${GATE_TEXT[gate.status]}</span></p>${gate.message !== null && html`<p class="message">${gate.message}</p>`}${cellsOf(gate)}</li>
`;
}

/** One cell is a line; several are a table, folded away when all is well and they are many. */
function cellsOf(gate: ManifestGate): SafeHtml | null {
  const [only, ...others] = gate.cells;
  if (!only) return null;
  if (others.length === 0) {
    const [left, right] = formatSides(only);
    return html`<p class="sides">${left} <span class="muted">${gate.op}</span> ${right}</p>`;
  }
  const table = scrollBox(
    `Values of the gate ${gate.text}`,
    html`<table><thead><tr><th scope="col">cell</th><th scope="col" class="num">left side</th><th scope="col">must be</th><th scope="col" class="num">right side</th><th scope="col">status</th></tr></thead><tbody>${gate.cells.map(
      (cell) => {
        const [left, right] = formatSides(cell);
        return html`<tr class="${cell.status}"><th scope="row">${formatCell(cell.cell) || "whole run"}</th><td class="num">${left}</td><td>${gate.op}</td><td class="num">${right}</td><td>${GATE_TEXT[cell.status]}</td></tr>`;
      },
    )}</tbody></table>`,
  );
  if (gate.status !== "passed" || gate.cells.length <= 6) return table;
  return html`<details><summary>${plural(gate.cells.length, "cell")}, all passed</summary>${table}</details>`;
}
