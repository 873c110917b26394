import { type ChartSpec, type Drawings, drawingKey, NARROW, WIDE } from "../charts/spec.js";
import { type HtmlValue, html, type SafeHtml, trusted } from "../html.js";

/** A chart in every width it was drawn for; the style sheet shows the one that fits. */
export function figure(spec: ChartSpec, drawings: Drawings, caption: HtmlValue): SafeHtml {
  const pictures = spec.widths.map((width) => {
    const drawing = drawings.get(drawingKey(spec.id, width));
    if (drawing === undefined) throw new Error(`chart ${spec.id} was not drawn at ${width} px`);
    return html`<div class="drawing ${fitOf(width, spec.widths)}">${trusted(drawing)}</div>`;
  });
  return html`<figure><figcaption>${caption}</figcaption>${pictures}</figure>`;
}

/** Class of a drawing: at which widths of the window it is the one to show. */
function fitOf(width: number, widths: readonly number[]): string {
  if (widths.length === 1) return "any";
  if (width === NARROW) return "narrow";
  if (widths.length === 2) return "not-narrow";
  return width === WIDE ? "wide" : "medium";
}

/** Names and colours of the lines of a chart. */
export function legend(
  entries: readonly { readonly label: string; readonly color: string; readonly round: number }[],
): SafeHtml {
  return html`<ul class="legend">${entries.map(
    (entry) =>
      html`<li><span class="swatch" style="background:${entry.round === 0 ? entry.color : stripes(entry)}" aria-hidden="true"></span>${entry.label}</li>`,
  )}</ul>`;
}

/** Narrower with every round, as the dashes of the lines. */
const stripes = ({ color, round }: { readonly color: string; readonly round: number }): string =>
  `repeating-linear-gradient(90deg,${color} 0 ${round === 1 ? 4 : 2}px,transparent 0 ${round === 1 ? 6 : 4}px)`;
