import type { StoryRole } from "@kdp/runtime/story";
import { html, type SafeHtml, trusted } from "../report/html.js";
import { paletteCss } from "../report/palette.js";
import { ROLE_TITLE } from "../report/view/roles.js";
import { formatCell, formatSeconds, plural } from "../text/format.js";
import { BOX, hasStrip } from "./box-size.js";
import { type GraphBox, type GraphNode, timeText } from "./graph-model.js";
import type { GraphLayout, PlacedBox, PlacedEdge, Point } from "./layout.js";

export interface GraphSvgOptions {
  /** Adds the colours, so that the picture stands alone; inside the report the page has them. */
  readonly standalone: boolean;
  readonly title: string;
  /** Colour of a box's bar by name; by role otherwise. */
  readonly colors?: ReadonlyMap<string, string>;
}

/** On a page the picture shrinks this far before it scrolls: smaller text cannot be read. */
const SMALLEST_SCALE = 0.74;

const GRAPH_CSS = `
.kdp-graph{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.kdp-graph .box{fill:var(--surface);stroke:var(--rule)}
.kdp-graph .failed .box{stroke:var(--failed);stroke-width:1.5}
.kdp-graph .skipped .box{stroke-dasharray:4 3}
.kdp-graph .name{font-size:13px;font-weight:600;fill:var(--ink)}
.kdp-graph .what,.kdp-graph .time{font-size:11px;fill:var(--muted)}
.kdp-graph .edge{fill:none;stroke:var(--muted);stroke-width:1.2;opacity:.55}
.kdp-graph .edge.teach{stroke:var(--accent);stroke-width:2.2;opacity:.9}
.kdp-graph .edge.held-out{stroke-dasharray:2 3;opacity:.45}
.kdp-graph .tip{fill:var(--muted);opacity:.7}
.kdp-graph .tip.teach{fill:var(--accent);opacity:1}
.kdp-graph .cell.ran{fill:var(--ran)}
.kdp-graph .cell.hit{fill:none;stroke:var(--hit);stroke-width:2}
.kdp-graph .cell.failed{fill:var(--failed)}
.kdp-graph .cell.skipped{fill:none;stroke:var(--skipped);stroke-dasharray:2 1.5}
.kdp-graph .cell.planned{fill:var(--rule)}
.kdp-graph .mark{fill:none;stroke:var(--surface);stroke-width:1.6}
`;

/** Styles of the picture, for a page that shows it inline. */
export const graphCss = (): string => GRAPH_CSS;

const ROLE_COLOR: Readonly<Record<StoryRole, string>> = {
  teacher: "var(--teacher1)",
  plain: "var(--plain1)",
  distilled: "var(--s1)",
  model: "var(--s5)",
  step: "var(--rule)",
};

/** Draws the laid-out graph; all text is real text, and each box and cell has a title to read on hover. */
export function graphSvg(layout: GraphLayout, options: GraphSvgOptions): SafeHtml {
  const { width, height } = layout;
  const style = options.standalone
    ? trusted(`<style>${paletteCss(".kdp-graph")}${GRAPH_CSS}.kdp-graph{background:var(--page)}</style>`)
    : null;
  const description = layout.boxes.map(({ box }) => describe(box)).join("; ");
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="kdp-graph" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"${options.standalone ? null : html` style="width:100%;max-width:${width}px;min-width:${Math.round(width * SMALLEST_SCALE)}px;height:auto"`} role="img" aria-labelledby="kdp-graph-title kdp-graph-desc"><title id="kdp-graph-title">${options.title}</title><desc id="kdp-graph-desc">${description}</desc>${style}
${layout.edges.map((edge) => drawEdge(edge))}
${layout.boxes.map((box) => drawBox(box, options.colors?.get(box.box.name) ?? ROLE_COLOR[box.box.role]))}
</svg>`;
}

function drawEdge({ edge, points }: PlacedEdge): SafeHtml | null {
  const end = points.at(-1);
  if (!end || points.length < 2) return null;
  return html`<path class="edge ${edge.kind}" d="${smooth(points)}"/><path class="tip ${edge.kind}" d="M${fix(end.x)},${fix(end.y)}l-7,-3.6v7.2z"/>`;
}

/** A curve through the points whose tangents are horizontal, as layers run from left to right. */
function smooth([start, ...rest]: readonly Point[]): string {
  if (!start) return "";
  let path = `M${fix(start.x)},${fix(start.y)}`;
  let last = start;
  for (const [index, point] of rest.entries()) {
    const x = index === rest.length - 1 ? point.x - 5 : point.x;
    const middle = (last.x + x) / 2;
    path += `C${fix(middle)},${fix(last.y)} ${fix(middle)},${fix(point.y)} ${fix(x)},${fix(point.y)}`;
    last = { x, y: point.y };
  }
  return path;
}

const fix = (value: number): string => String(Math.round(value * 10) / 10);

function drawBox(placed: PlacedBox, color: string): SafeHtml {
  const { box, x, y, width, height } = placed;
  const left = x + BOX.paddingX;
  const base = y + BOX.paddingY + 13;
  const stripY = y + BOX.paddingY + BOX.titleLine + BOX.subtitleLine + BOX.stripGap;
  const pitch = BOX.cell + BOX.cellGap;
  const cells = hasStrip(box)
    ? box.nodes.map((node, index) =>
        drawCell(
          node,
          left + (index % placed.stripColumns) * pitch,
          stripY + Math.floor(index / placed.stripColumns) * pitch,
        ),
      )
    : null;
  const time = timeText(box);
  const timeX = left + Math.min(box.nodes.length, placed.stripColumns) * pitch + 5;
  return html`<g class="${worstStatus(box)}"><title>${describe(box)}</title><rect class="box" x="${fix(x)}" y="${fix(y)}" width="${width}" height="${height}" rx="5"/><path d="M${fix(x + 2)},${fix(y + 5)}v${height - 10}" stroke="${color}" stroke-width="4" stroke-linecap="round"/><text class="name" x="${fix(left)}" y="${fix(base)}">${placed.title}</text><text class="what" x="${fix(left)}" y="${fix(base + BOX.subtitleLine)}">${placed.subtitle}</text>${cells}${time !== "" && html`<text class="time" x="${fix(timeX)}" y="${fix(stripY + 9)}">${time}</text>`}</g>
`;
}

function drawCell(node: GraphNode, x: number, y: number): SafeHtml {
  const status = node.status ?? "planned";
  const inset = status === "hit" || status === "skipped" ? 1 : 0;
  const size = BOX.cell - 2 * inset;
  const mark =
    status === "failed"
      ? html`<path class="mark" d="M${fix(x + 2.5)},${fix(y + 2.5)}l5,5m0,-5l-5,5"/>`
      : status === "ran"
        ? html`<path class="mark" d="M${fix(x + 2.2)},${fix(y + 5.2)}l2.2,2.2l3.6,-4.6"/>`
        : null;
  const seconds = node.seconds !== undefined && status === "ran" ? `, ${formatSeconds(node.seconds)}` : "";
  return html`<g><title>${node.name}${formatCell(node.cell)}: ${status}${seconds}</title><rect class="cell ${status}" x="${fix(x + inset)}" y="${fix(y + inset)}" width="${size}" height="${size}" rx="2"/>${mark}</g>`;
}

function worstStatus(box: GraphBox): string {
  const order = ["failed", "skipped", "ran", "hit"] as const;
  return order.find((status) => box.nodes.some((node) => node.status === status)) ?? "planned";
}

function describe(box: GraphBox): string {
  const role = box.role === "step" ? "" : `, ${ROLE_TITLE[box.role]}`;
  const cells = box.nodes.length > 1 ? `, ${plural(box.nodes.length, "cell")}` : "";
  const time = timeText(box);
  const detail = box.detail === "" ? "" : ` (${box.detail})`;
  return `${box.name}: ${box.stage}${detail}${role}${cells}${time === "" ? "" : `, ${time}`}`;
}
