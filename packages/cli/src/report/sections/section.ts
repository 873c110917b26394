import { type HtmlValue, html, type SafeHtml } from "../html.js";

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: SafeHtml;
}

/** A section with its heading; the lead says in a sentence how to read what follows. */
export function renderSection(section: Section): SafeHtml {
  return html`<section id="${section.id}" aria-labelledby="${section.id}-h"><h2 id="${section.id}-h">${section.title}</h2>
${section.body}
</section>
`;
}

/** A box that scrolls sideways by itself, so that the page never does; reachable by keyboard. */
export function scrollBox(label: string, content: HtmlValue): SafeHtml {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">${content}</div>`;
}

/** A table under a line of text that names it. The text stands outside, where it can wrap on a narrow screen. */
export function namedTable(id: string, name: HtmlValue, table: HtmlValue): SafeHtml {
  return html`<p class="lead" id="${id}">${name}</p><div class="scroll" role="region" tabindex="0" aria-labelledby="${id}">${table}</div>`;
}

/** The colour of a model beside its name. */
export function swatch(color: string): SafeHtml {
  return html`<span class="swatch" style="background:${color}" aria-hidden="true"></span>`;
}
