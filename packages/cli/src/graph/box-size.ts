import { clip } from "../text/format.js";
import { type GraphBox, timeText } from "./graph-model.js";

/** A box with its size and the texts that fit into it. */
export interface SizedBox {
  readonly box: GraphBox;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly subtitle: string;
  /** Cells in a line of the strip. */
  readonly stripColumns: number;
}

/** Measures of the picture in pixels. The fonts are monospaced so that widths are known without a browser. */
export const BOX = {
  paddingX: 13,
  paddingY: 9,
  titleChar: 7.9,
  subtitleChar: 6.7,
  titleLine: 19,
  subtitleLine: 17,
  cell: 10,
  cellGap: 3,
  stripGap: 4,
  stripColumns: 10,
  maxTitle: 26,
  maxSubtitle: 34,
} as const;

/** True when the box has a strip: several cells, or a status to show. */
export const hasStrip = (box: GraphBox): boolean =>
  box.nodes.length > 1 || box.nodes.some((node) => node.status !== undefined);

/** How large a box is drawn. */
export function measure(box: GraphBox): SizedBox {
  const title = clip(box.name, BOX.maxTitle);
  const subtitle = clip([box.stage, box.detail].filter((part) => part !== "").join(" · "), BOX.maxSubtitle);
  const text = Math.max(title.length * BOX.titleChar, subtitle.length * BOX.subtitleChar);
  const pitch = BOX.cell + BOX.cellGap;
  const time = timeText(box);
  const stripColumns = Math.max(1, Math.min(box.nodes.length, BOX.stripColumns));
  const strip = stripColumns * pitch + (time === "" ? 0 : 8 + time.length * BOX.subtitleChar);
  const rows = hasStrip(box) ? Math.ceil(box.nodes.length / stripColumns) : 0;
  return {
    box,
    width: Math.ceil(Math.max(96, text, strip) + 2 * BOX.paddingX),
    height: 2 * BOX.paddingY + BOX.titleLine + BOX.subtitleLine + (rows > 0 ? BOX.stripGap + rows * pitch : 0),
    title,
    subtitle,
    stripColumns,
  };
}
