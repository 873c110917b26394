import { html } from "../html.js";
import type { ReportView } from "../view/report-view.js";
import { nodeNotes, warningsOf } from "../view/warnings.js";
import type { Section } from "./section.js";

/** Warnings of the check and of the data, and what nodes noted. */
export function notesSection({ manifest }: ReportView): Section | null {
  const warnings = warningsOf(manifest);
  const noted = nodeNotes(manifest);
  if (warnings.length === 0 && noted.length === 0) return null;
  return {
    id: "notes",
    title: "Notes and warnings",
    body: html`${warnings.map(
      ({ code, message, places }) =>
        html`<p class="note warn"><code>${code}</code> ${message}${places.length > 0 && html` <span class="muted">${places.join(", ")}</span>`}</p>`,
    )}${
      noted.length > 0 &&
      html`<dl class="facts">${noted.map(
        ({ name, notes }) =>
          html`<dt><span class="id">${name}</span></dt>${notes.map((note) => html`<dd>${note}</dd>`)}`,
      )}</dl>`
    }`,
  };
}
