import type { Series } from "./series.js";
import { summarise } from "./statistics.js";

/** Mean over the seeds of a number that the artefacts state; null when none does. */
function factOf(series: Series, name: string): number | null {
  const values = series.nodes.flatMap((node) => {
    const value = node.facts[name];
    return typeof value === "number" && Number.isFinite(value) ? [value] : [];
  });
  return summarise(values)?.mean ?? null;
}

export const parametersOf = (series: Series): number | null => factOf(series, "parameters");
export const bytesOf = (series: Series): number | null => factOf(series, "bytes");
/** Milliseconds to rank all items for one user, one thread, as measured where the node ran. */
export const latencyOf = (series: Series): number | null => factOf(series, "latencyMs");
