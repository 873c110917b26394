import { relative, resolve } from "node:path";
import { renderPlace } from "@kdp/dsl";
import type { Colors } from "../io/host.js";
import { paintOf } from "../text/paint.js";
import { type FaultFrame, isOfNode } from "./fault-text.js";

export interface FrameOptions {
  /** Texts of the pipeline's files, by absolute path. */
  readonly sources: ReadonlyMap<string, string>;
  /** Folder that relative names in faults start from: those of a manifest are relative to the project. */
  readonly root: string;
  /** Files are shown as seen from here. */
  readonly workingFolder: string;
  /** Cells of a source line before it is cut. */
  readonly lineWidth: number;
  readonly colors: Colors;
}

/** Shows the line of the pipeline that a fault goes back to; nothing where it has none, or the text is not at hand. */
export function faultFrame({ sources, root, workingFolder, lineWidth, colors }: FrameOptions): FaultFrame {
  const paint = paintOf(colors);
  return (fault) => {
    const { at } = fault;
    const path = at && resolve(root, at.file);
    const text = path && sources.get(path);
    if (!path || text === undefined) return [];
    const file = relative(workingFolder, path) || path;
    const arrow = isOfNode(fault) ? "-->" : ":::";
    return renderPlace({ span: { ...at, file } }, new Map([[file, text]]), { paint, gutter: 2, lineWidth, arrow });
  };
}
