import type { ManifestNode, RunManifest } from "@kdp/runtime";
import type { Series } from "./series.js";
import { summarise } from "./statistics.js";

/** What a model costs, averaged over its seeds; null where nothing states it. */
export interface Cost {
  readonly parameters: number | null;
  readonly bytes: number | null;
  /** Milliseconds to rank all items for one user on one thread, as measured where it was evaluated. */
  readonly latencyMs: number | null;
}

export function costOf(series: Series, manifest: RunManifest): Cost {
  const ids = new Set(series.nodes.map((node) => node.id));
  const evaluations = manifest.nodes.filter((node) =>
    node.inputs.some((input) => input.port === "model" && ids.has(input.node)),
  );
  return {
    parameters: meanFact(series.nodes, "parameters"),
    bytes: meanFact(series.nodes, "bytes"),
    latencyMs: meanFact(evaluations, "latency_ms"),
  };
}

function meanFact(nodes: readonly ManifestNode[], name: string): number | null {
  const values = nodes.flatMap((node) => {
    const value = node.facts[name];
    return typeof value === "number" && Number.isFinite(value) ? [value] : [];
  });
  return summarise(values)?.mean ?? null;
}
