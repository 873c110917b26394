import { keptCopy } from "../kept-copy.js";
import { type ChartSpec, type Drawings, drawingKey } from "./spec.js";

/** Raise it when the same data should be drawn differently. */
const DRAWING_VERSION = 11;

/**
 * The drawings of some charts, from a file when the same charts were drawn before: loading Plot takes longer than all
 * else that a fully cached run does.
 *
 * @param folder where copies are kept, or null to draw always.
 */
export async function cachedDrawings(specs: readonly ChartSpec[], folder: string | null): Promise<Drawings> {
  if (specs.length === 0) return new Map();
  return keptCopy<Drawings>(folder, [DRAWING_VERSION, specs], {
    accept: (value) => drawingsOf(value, specs),
    plain: (drawings) => Object.fromEntries(drawings),
    make: async () => (await import("./draw.js")).drawCharts(specs),
  });
}

function drawingsOf(value: unknown, specs: readonly ChartSpec[]): Drawings | null {
  if (typeof value !== "object" || value === null) return null;
  const drawings = new Map<string, string>();
  for (const [name, drawing] of Object.entries(value)) {
    if (typeof drawing !== "string") return null;
    drawings.set(name, drawing);
  }
  const complete = specs.every((spec) => spec.widths.every((width) => drawings.has(drawingKey(spec.id, width))));
  return complete ? drawings : null;
}
