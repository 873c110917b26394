import type { GateValues } from "../gates/gate-values.js";
import type { Facts } from "../store/artefact.js";
import { metricKey } from "../tables/metric-names.js";
import type { MetricValue } from "./artefact-rows.js";

/** What gates read of one node. */
export interface NodeValues {
  readonly metrics: readonly Pick<MetricValue, "metric" | "cutoff" | "group" | "value" | "epoch">[];
  readonly facts: Facts;
}

/** Values of a run for its gates: this run's, or those of a baseline's manifest. */
export function gateValues(nodes: ReadonlyMap<string, NodeValues>): GateValues {
  return {
    has: (node) => nodes.has(node),
    metric: (node, key) => {
      const rows = nodes.get(node)?.metrics ?? [];
      const found = rows.find((row) => metricKey(row) === key && row.group === "all" && row.epoch === null);
      return found?.value ?? Number.NaN;
    },
    attribute: (node, attribute) => {
      const value = nodes.get(node)?.facts[attribute];
      return typeof value === "number" ? value : Number.NaN;
    },
  };
}
